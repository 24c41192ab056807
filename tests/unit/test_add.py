"""Patterns come into a function and go out of it, and nothing else of it changes."""

import shutil
from itertools import permutations

import pytest

from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.add import plan_add, plan_remove
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function
from kvgen.scaffold.lock import read_lock
from kvgen.scaffold.plan import Action
from kvgen.scaffold.regenerate import plan_regeneration
from kvgen.scaffold.render import render_section
from kvgen.scaffold.roots import OWN_ROOT
from tests.unit.catalog import only, part_of

_SMALL = ("count", "mark", "note")
_BY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)


def _new(folder, root, pattern, language):
    answers = new_function(load_pattern(pattern, only(root)), language.name, "f", {}, only(root))
    apply_plan(folder, plan_new(folder, answers))


def _add(folder, root, pattern, **given):
    addition = plan_add(folder, load_pattern(pattern, only(root)), given, templates=only(root))
    apply_plan(folder, addition.plan)
    return addition


def _remove(folder, root, pattern):
    plan = plan_remove(folder, pattern, only(root))
    apply_plan(folder, plan)
    return plan


def _tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _times(folder):
    stats = {path: path.stat() for path in [folder, *folder.rglob("*")]}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in stats.items()}


@pytest.fixture
def go():
    return next(language for language in LANGUAGES if language.name == "go")


@pytest.fixture
def folder(tmp_path, root, go):
    """A function with the pattern count, in Go and of the small catalog."""
    _new(tmp_path / "f", root, "count", go)
    return tmp_path / "f"


# Orders


@_BY_LANGUAGE
@pytest.mark.parametrize("first", pattern_names())
def test_every_order_of_additions_gives_the_same_folder(tmp_path, language, first):
    _orders_are_the_same(tmp_path, OWN_ROOT, first, language, pattern_names())


@_BY_LANGUAGE
@pytest.mark.parametrize("first", _SMALL)
def test_every_order_gives_the_same_folder_in_a_catalog_with_sections(
    tmp_path, root, language, first
):
    _orders_are_the_same(tmp_path, root, first, language, _SMALL)


def _orders_are_the_same(tmp_path, root, first, language, names):
    others = [name for name in names if name != first]
    seen: dict[frozenset[str], dict[str, bytes]] = {}
    for length in range(1, len(others) + 1):
        for number, order in enumerate(permutations(others, length)):
            folder = tmp_path / f"{length}-{number}"
            _new(folder, root, first, language)
            handler = (folder / language.handler).read_bytes()
            for name in order:
                assert not _add(folder, root, name).is_there
            assert (folder / language.handler).read_bytes() == handler
            assert _tree(folder) == seen.setdefault(frozenset(order), _tree(folder))
            assert not plan_regeneration(folder, templates=only(root)).changes


@_BY_LANGUAGE
def test_removing_what_was_added_gives_the_folder_from_before(tmp_path, root, language):
    folder = tmp_path / "f"
    _new(folder, root, "mark", language)
    alone = _tree(folder)
    _add(folder, root, "note")
    with_note = _tree(folder)
    _add(folder, root, "count")
    _remove(folder, root, "count")
    assert _tree(folder) == with_note
    _remove(folder, root, "note")
    assert _tree(folder) == alone
    assert not plan_regeneration(folder, templates=only(root)).changes


# Additions


def test_addition_brings_the_part_the_section_the_variable_and_the_dependency(tmp_path, root):
    python = next(language for language in LANGUAGES if language.name == "python")
    _new(tmp_path / "f", root, "count", python)
    before = _tree(tmp_path / "f")
    addition = _add(tmp_path / "f", root, "note", place="https://a.example")
    after = _tree(tmp_path / "f")
    assert after.keys() - before.keys() == {part_of("note", python)}
    assert {path for path in before if before[path] != after[path]} == {
        *("kvgen.toml", "kvgen.lock", "README.md", "func.toml", ".env.example", "pyproject.toml"),
    }
    assert b'NOTE_URL = "https://a.example"\n' in after["func.toml"]
    assert b"## note\n" in after["README.md"]
    assert b'"notes>=1"' in after["pyproject.toml"]
    assert addition.answers.patterns["note"] == {"place": "https://a.example"}


def test_pattern_that_is_there_is_a_no_op(folder, root):
    before = _times(folder)
    for given in ({}, {"ttl": "24h"}):
        addition = plan_add(folder, load_pattern("count", only(root)), given, templates=only(root))
        assert (addition.is_there, addition.plan.rows) == (True, ())
        apply_plan(folder, addition.plan)
    assert _times(folder) == before


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"ttl": "1h"}, "--set count.ttl=1h"),
        ({"cookie": "sid"}, "--set count.cookie=sid"),
        ({"expiry": "native"}, "--set expiry=native"),
        ({"namespace-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, "--set namespace-id=3f2504e0"),
    ],
)
def test_addition_changes_no_answer_that_is_there(folder, root, given, hint):
    before = _times(folder)
    with pytest.raises(InvalidAnswerError) as caught:
        plan_add(folder, load_pattern("count", only(root)), given, templates=only(root))
    assert hint in str(caught.value.hint)
    assert _times(folder) == before


def test_handler_is_never_touched(folder, root, go):
    handler = folder / go.handler
    handler.write_text("mine alone\n")
    before = _times(folder)[handler]
    for name in ("note", "mark"):
        _add(folder, root, name)
        assert _times(folder)[handler] == before
    _remove(folder, root, "note")
    assert _times(folder)[handler] == before
    assert handler.read_text() == "mine alone\n"


def test_manifest_with_an_edit_is_merged_by_key(folder, root):
    func = folder / "func.toml"
    func.write_text(func.read_text().replace("[telnyx]", 'MY_VAR = "x"\n\n[telnyx] # mine'))
    edited = func.read_text()
    _add(folder, root, "note")
    assert func.read_text() == edited.replace(
        'MY_VAR = "x"\n', 'MY_VAR = "x"\nNOTE_URL = "https://note.example.com"\n'
    )
    _remove(folder, root, "note")
    assert func.read_text() == edited


def test_variable_that_is_there_with_another_value_stops_the_addition(folder, root):
    func = folder / "func.toml"
    func.write_text(func.read_text().replace("[telnyx]", 'NOTE_URL = "mine"\n\n[telnyx]'))
    before = _times(folder)
    with pytest.raises(
        ConflictError, match=r"func\.toml: you and kvgen changed the same keys: env_v"
    ):
        plan_add(folder, load_pattern("note", only(root)), {}, templates=only(root))
    assert _times(folder) == before


def test_readme_with_an_edit_elsewhere_gets_the_section(folder, root):
    readme = folder / "README.md"
    readme.write_text("Mine.\n" + readme.read_text())
    addition = _add(folder, root, "note")
    assert addition.kept == ()
    assert readme.read_text().startswith("Mine.\n")
    assert "## note\n" in readme.read_text()


def test_readme_with_an_edit_at_the_same_place_is_kept_and_blocks_nothing(folder, root):
    readme = folder / "README.md"
    mine = (
        readme.read_text().replace("`both`.\n", "`both`.\nMine.\n").replace("\nWhat", "Mine.\nWhat")
    )
    readme.write_text(mine)
    addition = _add(folder, root, "note")
    assert addition.kept == ("README.md",)
    assert readme.read_text() == mine
    assert "## note" in render_section(addition.answers, "note")
    # The section is now the user's to put in: neither a conflict nor a change from here on.
    plan = plan_regeneration(folder, templates=only(root))
    assert not plan.conflicts
    assert not plan.changes
    _remove(folder, root, "note")
    assert readme.read_text() == mine
    assert not plan_regeneration(folder, templates=only(root)).conflicts


def test_file_of_the_same_name_is_a_refusal_that_names_it(folder, root, go):
    stranger = folder / part_of("note", go)
    stranger.write_text("mine\n")
    before = _times(folder)
    with pytest.raises(ConflictError, match=rf"not made by kvgen: {stranger.name}$"):
        plan_add(folder, load_pattern("note", only(root)), {}, templates=only(root))
    assert _times(folder) == before


def test_file_that_is_the_same_to_the_byte_is_no_stranger(folder, root, go, tmp_path):
    shutil.copytree(folder, tmp_path / "twin")
    _add(tmp_path / "twin", root, "note")
    shutil.copy(tmp_path / "twin" / part_of("note", go), folder)
    _add(folder, root, "note")
    assert _tree(folder) == _tree(tmp_path / "twin")


def test_file_that_was_deleted_stays_so_and_counts_as_unedited_when_it_comes_back(folder, root):
    func = (folder / "func.toml").read_bytes()
    (folder / "func.toml").unlink()
    _add(folder, root, "note")
    assert not (folder / "func.toml").exists()
    (folder / "func.toml").write_bytes(func)
    plan = plan_regeneration(folder, templates=only(root))
    assert [row.path for row in plan.changes if row.action is Action.UPDATE] == [
        "func.toml",
        "kvgen.lock",
    ]


def test_files_that_the_pattern_does_not_change_are_left_as_they_are(folder, root, go):
    """Also where a newer kvgen makes them differently."""
    kv = root / "_shared" / "go" / f"{go.kv[0]}.j2"
    kv.write_text(kv.read_text() + "newer\n")
    from kvgen.scaffold import render as module

    module._source.cache_clear()
    before = (folder / go.kv[0]).read_bytes()
    _add(folder, root, "mark")
    assert (folder / go.kv[0]).read_bytes() == before
    lock = read_lock(folder)
    assert lock
    assert lock.texts[go.kv[0]] == before.decode()


def test_kvgen_toml_keeps_the_words_of_the_user(folder, root):
    project = folder / "kvgen.toml"
    project.write_text(project.read_text().replace("[patterns", "# mine\n[patterns") + "# end\n")
    before = project.read_text()
    _add(folder, root, "note")
    assert all(line in project.read_text().splitlines() for line in before.splitlines())
    _remove(folder, root, "note")
    assert [line for line in project.read_text().splitlines() if line] == [
        line for line in before.splitlines() if line
    ]


@pytest.mark.parametrize("name", ["kvgen.lock", "kvgen.toml"])
@pytest.mark.parametrize("content", [None, b"{", b"\xff", b"<<<<<<< ours\n"])
def test_folder_that_is_not_right_is_refused_untouched(folder, root, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    before = _tree(folder)
    with pytest.raises(KvgenError):
        plan_add(folder, load_pattern("note", only(root)), {}, templates=only(root))
    assert _tree(folder) == before


def test_language_may_be_said_where_it_is_the_functions(folder, root):
    note = load_pattern("note", only(root))
    assert plan_add(folder, note, {}, "golang", only(root)).plan.changes
    with pytest.raises(InvalidAnswerError, match="is a go function"):
        plan_add(folder, note, {}, "py", only(root))


def test_path_that_is_no_folder_is_refused(tmp_path, root):
    (tmp_path / "file").write_text("")
    for path in ("file", "nowhere"):
        with pytest.raises(KvgenError, match="is not a folder") as caught:
            plan_add(tmp_path / path, load_pattern("note", only(root)), {}, templates=only(root))
        assert caught.value.hint == "kvgen new note makes one"


# Removals


def test_part_with_an_edit_is_kept_with_a_word_when_its_pattern_goes(folder, root, go):
    _add(folder, root, "note")
    part = folder / part_of("note", go)
    part.write_text("mine\n")
    plan = _remove(folder, root, "note")
    (row,) = [row for row in plan.rows if row.path == part.name]
    assert (row.action, row.reason[:24]) == (Action.KEEP, "kvgen no longer makes it")
    assert part.read_text() == "mine\n"
    lock = read_lock(folder)
    assert lock
    assert part.name not in lock.texts
    with pytest.raises(ConflictError, match="not made by kvgen"):
        plan_add(folder, load_pattern("note", only(root)), {}, templates=only(root))


def test_value_of_mine_stays_when_its_pattern_goes(folder, root):
    _add(folder, root, "note")
    func = folder / "func.toml"
    func.write_text(func.read_text().replace("https://note.example.com", "https://mine.example"))
    _remove(folder, root, "note")
    assert "https://mine.example" in func.read_text()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("note", "does not have the pattern 'note'"),
        ("cout", "does not have the pattern 'cout'; did you mean 'count'?"),
        ("count", "was written for the pattern 'count'"),
    ],
)
def test_pattern_that_cannot_go_is_refused(folder, root, name, message):
    with pytest.raises(KvgenError, match=message):
        plan_remove(folder, name, only(root))


def test_pattern_whose_lines_are_not_a_table_is_refused(folder, root):
    _add(folder, root, "mark")
    project = folder / "kvgen.toml"
    text = project.read_text().replace('[patterns.mark]\nttl = "5m"\n', "")
    project.write_text(text.replace("[patterns", 'patterns.mark.ttl = "5m"\n[patterns'))
    with pytest.raises(KvgenError, match=r"kvgen\.toml: the tables of the patterns are not"):
        plan_remove(folder, "mark", only(root))
