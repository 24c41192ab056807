"""The plan is pure: what was recorded, what lies there and what is new decide, file by file."""

import pytest

from kvgen.scaffold.model import RenderedFile
from kvgen.scaffold.plan import (
    Action,
    Merged,
    Plan,
    plan_files,
    plan_lock,
    plan_project,
    to_record,
)


def _clash(path, base, mine, new):
    return Merged(None, "clash", b"both")


def _plan(new, old, disk, merge=_clash, **options):
    def at(text):
        return {} if text is None else {"f": text}

    rendered = [RenderedFile(path, text) for path, text in at(new).items()]
    files = {path: text.encode() for path, text in at(disk).items()}
    return plan_files(rendered, at(old), files, merge, **options)


@pytest.mark.parametrize(
    ("new", "old", "disk", "action"),
    [
        ("n", None, None, Action.ADD),
        ("n", None, "n", Action.SAME),
        ("n", None, "x", Action.CONFLICT),
        ("n", "n", "n", Action.SAME),
        ("n", "o", "o", Action.UPDATE),
        ("n", "o", "n", Action.SAME),
        ("n", "n", "x", Action.KEEP),
        ("n", "o", "x", Action.CONFLICT),
        ("n", "o", None, Action.GONE),
        (None, "o", "o", Action.RETIRE),
        (None, "o", "x", Action.KEEP),
    ],
)
def test_action_follows_from_new_recorded_and_present(new, old, disk, action):
    (row,) = _plan(new, old, disk)
    assert row.action is action


@pytest.mark.parametrize(
    ("new", "old", "disk"), [("n", "o", "x"), ("n", "n", "x"), ("n", "o", None), (None, "o", "x")]
)
def test_what_the_user_did_is_never_among_the_changes(new, old, disk):
    assert Plan(_plan(new, old, disk)).changes == ()


def test_retired_file_that_is_gone_already_needs_no_row():
    assert _plan(None, "o", None) == ()


def test_restore_brings_back_a_deleted_file():
    (row,) = _plan("n", "o", None, restore=True)
    assert (row.action, row.before, row.after) == (Action.ADD, None, b"n")


@pytest.mark.parametrize(
    ("disk", "mine", "action"),
    [
        ({}, False, Action.ADD),
        ({"kvgen.toml": b"p"}, False, Action.SAME),
        ({"kvgen.toml": b"x"}, True, Action.UPDATE),
        ({"kvgen.toml": b"x"}, False, Action.CONFLICT),
    ],
)
def test_project_file_is_replaced_only_where_it_is_provably_unedited(disk, mine, action):
    assert plan_project("p", disk, mine=mine).action is action


def test_merge_is_asked_with_all_three_and_writes_what_it_says():
    asked = []

    def merge(*versions):
        asked.append(versions)
        return Merged(b"merged", "why")

    (row,) = _plan("n", "o", "x", merge)
    assert asked == [("f", b"o", b"x", b"n")]
    assert (row.action, row.before, row.after) == (Action.MERGE, b"x", b"merged")
    assert row.reason == "why"


def test_merge_that_has_nothing_new_for_the_file_keeps_it():
    (row,) = _plan("n", "o", "x", lambda *_: Merged(b"x"))
    assert row.action is Action.KEEP


def test_conflict_changes_nothing_and_carries_both_sides():
    (row,) = _plan("n", "o", "x")
    assert (row.before, row.after, row.marked) == (b"x", b"x", b"both")


def test_edited_file_that_kvgen_no_longer_makes_says_so():
    (row,) = _plan(None, "o", "x")
    assert "no longer makes it" in row.reason


@pytest.mark.parametrize(
    ("disk", "action"),
    [({}, Action.ADD), ({"kvgen.lock": b"l"}, Action.SAME), ({"kvgen.lock": b"x"}, Action.UPDATE)],
)
def test_lock_is_replaced_where_it_differs(disk, action):
    assert plan_lock("l", disk).action is action


def test_deleted_file_is_recorded_as_it_was_when_it_was_written():
    """Else an old one that version control brings back would count as edited."""
    rendered = [RenderedFile("f", "n"), RenderedFile("g", "n")]
    rows = plan_files(rendered, {"f": "o", "g": "o"}, {"g": b"o"}, _clash)
    assert [row.action for row in rows] == [Action.GONE, Action.UPDATE]
    assert to_record(rendered, rows, {"f": "o", "g": "o"}) == (
        RenderedFile("f", "o"),
        RenderedFile("g", "n"),
    )
