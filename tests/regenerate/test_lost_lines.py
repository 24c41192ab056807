"""A kvgen.toml that lost lines does not take the function's files with it."""

import pytest

from tests.regenerate.conftest import contents


@pytest.fixture(params=["handler", "all patterns"])
def damaged(kvgen, folder, request):
    """A function of two patterns whose kvgen.toml lost what says that kvgen made its handler."""
    assert kvgen("add", "flag", "function").exit_code == 0
    path = folder / "kvgen.toml"
    head, _, rest = path.read_text().partition('handler = "session"\n')
    path.write_text(head + (rest if request.param == "handler" else ""))
    return folder


@pytest.mark.parametrize("command", ["regenerate", "regenerate --check", "add cache"])
def test_command_is_refused_and_says_what_is_missing(kvgen, damaged, command):
    before = contents(damaged)
    result = kvgen(*command.split(), "function")
    assert result.exit_code == 1
    assert "function/kvgen.toml: it has no handler, and kvgen made handler.go" in result.stderr
    assert contents(damaged) == before


def test_line_that_is_put_back_is_enough(kvgen, damaged):
    path = damaged / "kvgen.toml"
    lines = 'handler = "session"\n\n[patterns.session]\nttl = "24h"\n\n[patterns.flag]\n'
    text = path.read_text().split("[patterns", maxsplit=1)[0]
    path.write_text(text + lines)
    assert kvgen("regenerate", "function").exit_code == 0
    assert {"handler.go", "entry.go", "flag.go"} <= contents(damaged).keys()


def test_removal_is_refused_too(kvgen, folder):
    assert kvgen("add", "flag", "function").exit_code == 0
    path = folder / "kvgen.toml"
    path.write_text(path.read_text().replace('handler = "session"\n', ""))
    before = contents(folder)
    result = kvgen("remove", "flag", "function")
    assert result.exit_code == 1
    assert 'put the line back: handler = "flag" or handler = "session"\n' in result.stderr
    assert contents(folder) == before
