"""The mutants of `make soak` keep up with the templates: each finds its place in one of them."""

from collections import Counter

import pytest
from click.testing import CliRunner

from kvgen.cli import main
from tests.soak.mutations import mutants

_EVERY = list(mutants())
#: In the names of files that hold no code of the function.
_NO_CODE = (".d.ts", "test", "fake-kv", "__init__")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Scaffold what the mutants change: the folder of each pattern, its options and language."""
    found = {}
    for mutant in _EVERY:
        question = mutant.pattern, mutant.options, mutant.language
        if question not in found:
            folder = found[question] = tmp_path_factory.mktemp("mutants") / "function"
            arguments = [mutant.pattern, str(folder), "-l", mutant.language, *mutant.options]
            result = CliRunner().invoke(main, ["new", *arguments])
            assert result.exit_code == 0, result.output
    return found


@pytest.mark.parametrize("mutant", _EVERY, ids=str)
def test_mutant_finds_its_place_once_and_changes_something(mutant, folders):
    folder = folders[mutant.pattern, mutant.options, mutant.language]
    text = (folder / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.before) == 1
    assert mutant.before != mutant.after


def test_no_mutant_is_declared_twice():
    changes = Counter((m.pattern, m.language, m.file, m.before, m.after) for m in _EVERY)
    assert [change for change, count in changes.items() if count > 1] == []


def test_every_file_that_ships_is_broken_by_some_mutant(folders):
    shipped = {
        (language, path.relative_to(folder).as_posix())
        for (_, _, language), folder in folders.items()
        for path in folder.rglob("*")
        if path.suffix in (".js", ".ts", ".py", ".go")
    }
    code = {file for file in shipped if not any(word in file[1] for word in _NO_CODE)}
    assert code == {(mutant.language, mutant.file) for mutant in _EVERY}
