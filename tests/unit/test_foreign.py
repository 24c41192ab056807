"""A pattern into a function that kvgen did not make: recognised, and left alone."""

import pytest

from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.add import plan_add, plan_remove
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.foreign import dependencies_of
from kvgen.scaffold.plan import Action
from kvgen.scaffold.project import read_project
from kvgen.scaffold.regenerate import plan_regeneration
from tests.unit.catalog import only, part_of

_BY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)


@pytest.fixture
def foreign(tmp_path):
    """Return a function that makes a folder with some files, each with its name in it."""

    def made(*paths, name="shop"):
        for path in paths:
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(f"{path} of mine\n")
        (tmp_path / name).mkdir(exist_ok=True)
        return tmp_path / name

    return made


def _plan(folder, root, pattern, language=None, **given):
    return plan_add(folder, load_pattern(pattern, only(root)), given, language, only(root))


def _tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@_BY_LANGUAGE
def test_client_and_parts_come_and_nothing_else_changes(foreign, root, language):
    folder = foreign(*language.entries, "README.md", "func.toml", ".gitignore")
    before = _tree(folder)
    addition = _plan(folder, root, "note", place="https://a.example")
    assert {row.action for row in addition.plan.rows} == {Action.ADD}
    apply_plan(folder, addition.plan)
    after = _tree(folder)
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {
        *("kvgen.toml", "kvgen.lock"),
        language.kv[0],
        part_of("note", language),
    }
    project = read_project(folder)
    assert (project.language, project.handler, project.name) == (language.name, None, "shop")
    assert project.patterns == {"note": {"place": "https://a.example"}}
    assert not plan_regeneration(folder, templates=only(root)).changes


@_BY_LANGUAGE
def test_second_pattern_comes_as_into_any_function_and_all_can_go(foreign, root, language):
    folder = foreign(language.entries[0])
    before = _tree(folder)
    for name in ("note", "count"):
        apply_plan(folder, _plan(folder, root, name).plan)
    assert (folder / part_of("count", language)).exists()
    assert not (folder / "README.md").exists()
    assert _plan(folder, root, "count").is_there
    for name in ("note", "count"):
        apply_plan(folder, plan_remove(folder, name, only(root)))
    own = {"kvgen.toml", "kvgen.lock", language.kv[0]}
    assert _tree(folder).keys() == before.keys() | own
    assert not plan_regeneration(folder, templates=only(root)).changes


@_BY_LANGUAGE
@pytest.mark.parametrize("kind", ["kv", "part"])
def test_file_of_the_same_name_is_a_refusal_that_names_it(foreign, root, language, kind):
    path = language.kv[0] if kind == "kv" else part_of("note", language)
    folder = foreign(language.entries[0], path)
    before = _tree(folder)
    with pytest.raises(ConflictError, match=rf"files of the same name as note brings: {path}$"):
        _plan(folder, root, "note")
    assert _tree(folder) == before


def test_lock_without_a_project_is_in_the_way_as_well(foreign, root):
    folder = foreign("index.js", "kvgen.lock")
    with pytest.raises(ConflictError, match=r"brings: kvgen\.lock$"):
        _plan(folder, root, "note")


def test_folder_of_two_languages_needs_the_language(foreign, root):
    folder = foreign("index.js", "handler.go")
    with pytest.raises(InvalidAnswerError, match="entry points of javascript and go") as caught:
        _plan(folder, root, "note")
    assert caught.value.hint == "say which with -l, for example -l javascript"
    assert _plan(folder, root, "note", "go").answers.language == "go"


@pytest.mark.parametrize("paths", [(), ("main.rs",), ("package.json",), ("go.mod",)])
def test_folder_without_an_entry_point_is_refused(foreign, root, paths):
    folder = foreign(*paths)
    with pytest.raises(KvgenError, match="holds no function: it has none of") as caught:
        _plan(folder, root, "note")
    assert "say the language with -l" in str(caught.value.hint)
    assert _plan(folder, root, "note", "js").answers.language == "javascript"


def test_illegal_answer_and_unknown_language_are_refused(foreign, root):
    folder = foreign("index.js")
    with pytest.raises(InvalidAnswerError, match="--place 'x'"):
        _plan(folder, root, "note", place="x")
    with pytest.raises(InvalidAnswerError, match="unknown option 'ttl' of the pattern 'note'"):
        _plan(folder, root, "note", ttl="1h")
    with pytest.raises(InvalidAnswerError, match="unknown language 'rust'"):
        _plan(folder, root, "note", "rust")


def test_common_answers_are_those_of_the_first_addition(foreign, root):
    folder = foreign("index.js")
    apply_plan(folder, _plan(folder, root, "note", expiry="native").plan)
    assert read_project(folder).common["expiry"] == "native"
    assert (folder / "kv.js").read_text() == "`native`\n"


@pytest.mark.parametrize(
    ("func", "folder_name", "name"),
    [
        ('[edge_compute]\nfunc_name = "my-shop"\n', "shop", "my-shop"),
        ('[edge_compute]\nfunc_name = "my shop"\n', "shop", "shop"),
        ("[edge_compute]\nfunc_name = 1\n", "shop", "shop"),
        ("edge_compute = 1\n", "shop", "shop"),
        ("= broken", "shop", "shop"),
        ("a = " + "[" * 5000, "shop", "shop"),
        ("", "my_shop", "function"),
    ],
    ids=["said", "illegal", "number", "no table", "no toml", "deep", "no name at all"],
)
def test_name_is_that_of_the_manifest_or_of_the_folder(foreign, root, func, folder_name, name):
    folder = foreign("index.js", name=folder_name)
    (folder / "func.toml").write_text(func)
    assert _plan(folder, root, "note").answers.name == name


def test_dependencies_are_those_of_the_client_and_of_the_patterns(foreign, root):
    addition = _plan(foreign("function/func.py"), root, "note")
    kv = BY_NAME["python"].kv_dependencies
    assert dependencies_of(addition.answers) == tuple(sorted({"notes>=1", *kv}))
