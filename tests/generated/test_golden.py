"""generated/ is what a fresh render gives, byte for byte: an edited example is drift too."""

from pathlib import Path

import pytest

from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.model import LANGUAGES

_GENERATED = Path(__file__).parents[2] / "generated"
_EVERY = [(pattern, language.name) for pattern in pattern_names() for language in LANGUAGES]


def _tree(folder):
    ignored = {"node_modules", "__pycache__", ".pytest_cache"}
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and not ignored & set(path.parts)
    }


@pytest.mark.parametrize(("pattern", "language"), _EVERY)
def test_example_equals_a_fresh_render(tmp_path, pattern, language):
    fresh = tmp_path / "fresh"
    loaded = load_pattern(pattern)
    answers = check_answers(loaded, language, f"{pattern}-{language}", {})
    apply_plan(fresh, plan_new(fresh, loaded, answers))
    assert _tree(_GENERATED / pattern / language) == _tree(fresh)


def test_every_example_belongs_to_a_pattern_and_a_language():
    found = {(path.parent.name, path.name) for path in _GENERATED.glob("*/*") if path.is_dir()}
    assert found == set(_EVERY)
