"""The mutants of `make soak` keep up with the templates: each finds its place in one of them."""

from collections import Counter

import pytest

from tests.soak.mutations import GENERATED, mutants

_EVERY = list(mutants())


@pytest.mark.parametrize("mutant", _EVERY, ids=str)
def test_mutant_finds_its_place_once_and_changes_something(mutant):
    text = mutant.original().read_text(encoding="utf-8")
    assert mutant.broken(text) != text


def test_no_mutant_is_declared_twice():
    changes = Counter((m.pattern, m.language, m.file, m.before, m.after) for m in _EVERY)
    assert [change for change, count in changes.items() if count > 1] == []


def test_every_file_that_ships_is_broken_by_some_mutant():
    broken = {(mutant.language, mutant.file) for mutant in _EVERY}
    shipped = {
        (path.relative_to(GENERATED).parts[1], "/".join(path.relative_to(GENERATED).parts[2:]))
        for path in GENERATED.glob("*/*/**/*")
        if path.suffix in (".js", ".py", ".go") and "test" not in path.name
    }
    assert {file for file in shipped if "__init__" not in file[1]} == broken
