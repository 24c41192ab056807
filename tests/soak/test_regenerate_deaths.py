"""Killed at every point at which kvgen asks the system for something while it writes."""

import shutil

import pytest

from tests.regenerate.conftest import contents
from tests.regenerate.deaths import command_line, dies_creating, dies_regenerating
from tests.regenerate.killer import Killer
from tests.soak.tally import tell, tried

_CHANGES = ["--set", "ttl=5m", "--set", "header=X-Visit", "--set", "expiry=both"]


@pytest.fixture(scope="module")
def killer():
    with Killer() as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    """A folder with an edit, a deletion, and a subfolder in which files are changed."""
    command_line(["new", "session", str(tmp_path / "function"), "-l", "python"])
    handler = tmp_path / "function" / "function" / "handler.py"
    handler.write_text(handler.read_text() + "# mine\n")
    (tmp_path / "function" / ".gitignore").unlink()
    return tmp_path / "function"


@pytest.mark.parametrize("command", ["regenerate", "new"])
def test_run_that_is_killed_anywhere_is_finished_by_the_next(
    tmp_path, folder, killer, command, capsys
):
    if command == "regenerate":
        arguments = ["regenerate", str(folder), *_CHANGES]
    else:
        (folder / "function" / "session.py").unlink()
        arguments = ["new", "session", str(folder), "-l", "python", "--force"]
    pristine = tmp_path / "pristine"
    shutil.copytree(folder, pristine)
    command_line(arguments)
    planned = contents(folder)

    def attempt(at):
        shutil.rmtree(folder)
        shutil.copytree(pristine, folder)
        return dies_regenerating(killer, at, folder, arguments, planned)

    found = tried(attempt)
    tell(capsys, f"{command} killed at every call", *found)
    assert found[0] >= (60 if command == "regenerate" else 30)


def test_scaffold_that_is_killed_anywhere_is_whole_or_not_there(tmp_path, killer, capsys):
    folder = tmp_path / "made"

    def attempt(at):
        shutil.rmtree(folder, ignore_errors=True)
        return dies_creating(killer, at, folder, ["new", "cache", str(folder), "-l", "python"])

    found = tried(attempt)
    tell(capsys, "a new folder killed at every call", *found)
    assert found[0] >= 20
