"""The plan is pure: what was recorded, what lies there and what is new decide, file by file."""

import pytest

from kvgen.scaffold.model import RenderedFile
from kvgen.scaffold.plan import Action, plan_files, plan_own_files


def _plan(new, old, disk, **options):
    def at(text):
        return {} if text is None else {"f": text}

    rendered = [RenderedFile(path, text) for path, text in at(new).items()]
    files = {path: text.encode() for path, text in at(disk).items()}
    return plan_files(rendered, at(old), files, **options)


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
    (row,) = _plan(new, old, disk).rows
    assert row.action is action


@pytest.mark.parametrize(
    ("new", "old", "disk"), [("n", "o", "x"), ("n", "n", "x"), ("n", "o", None), (None, "o", "x")]
)
def test_what_the_user_did_is_never_among_the_changes(new, old, disk):
    assert _plan(new, old, disk).changes == ()


def test_retired_file_that_is_gone_already_needs_no_row():
    assert _plan(None, "o", None).rows == ()


def test_restore_brings_back_a_deleted_file():
    (row,) = _plan("n", "o", None, restore=True).changes
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
    assert plan_own_files("p", "l", disk, mine=mine).rows[0].action is action


def test_lock_comes_last():
    assert [row.path for row in plan_own_files("p", "l", {}).rows] == ["kvgen.toml", "kvgen.lock"]
