"""generated/ is what a fresh render gives, byte for byte: an edited example is drift too."""

from pathlib import Path

import pytest

from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function
from kvgen.docs.snippets import find_snippet
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.add import plan_add

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
    answers = new_function(load_pattern(pattern), language, f"{pattern}-{language}", {})
    apply_plan(fresh, plan_new(fresh, answers))
    assert _tree(_GENERATED / pattern / language) == _tree(fresh)


def test_example_with_the_binding_equals_a_fresh_render(tmp_path):
    fresh = tmp_path / "fresh"
    name, options = "session-typescript-binding", {"kv": "binding"}
    answers = new_function(load_pattern("session"), "typescript", name, options)
    apply_plan(fresh, plan_new(fresh, answers))
    assert _tree(_GENERATED / "session" / "typescript-binding") == _tree(fresh)


def test_way_to_the_kv_changes_the_client_the_manifests_and_the_readme():
    rest, bound = (_tree(_GENERATED / "session" / n) for n in ("typescript", "typescript-binding"))
    of_a_folder = {"kvgen.toml", "kvgen.lock"}
    assert {path for path in rest if rest[path] != bound[path]} - of_a_folder == {
        *("README.md", "func.toml", "kv.ts", "package.json")
    }
    assert bound.keys() - rest.keys() == {"local.mjs", "telnyx-env.d.ts"}


@pytest.mark.parametrize("language", BY_NAME)
def test_storefront_is_a_session_function_that_grew(tmp_path, language):
    fresh = tmp_path / "fresh"
    options = {"cookie": "visitor"}
    answers = new_function(load_pattern("session"), language, f"storefront-{language}", options)
    apply_plan(fresh, plan_new(fresh, answers))
    for name in ("flag", "cache"):
        apply_plan(fresh, plan_add(fresh, load_pattern(name), {}).plan)
    handler = find_snippet(("together", language, "handler"))
    (fresh / handler.path).write_text(handler.text, encoding="utf-8")
    own_test = next(path for path in _tree(fresh) if "handler" in path and "test" in path)
    (fresh / own_test).unlink()  # it tests the handler that was replaced
    assert _tree(_GENERATED / "storefront" / language) == _tree(fresh)


def test_every_example_belongs_to_a_pattern_and_a_language():
    found = {(path.parent.name, path.name) for path in _GENERATED.glob("*/*") if path.is_dir()}
    storefronts = {("storefront", name) for name in BY_NAME}
    assert found == {*_EVERY, *storefronts, ("session", "typescript-binding")}
