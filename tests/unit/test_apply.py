"""Applying a plan is all or nothing, on a real disk."""

import os
from pathlib import Path

import pytest

from kvgen.errors import ConflictError, KvgenError
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.plan import Action, Plan, Row


def _add(path, text="new"):
    return Row(path, Action.ADD, None, text.encode())


def _tree(folder: Path):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_new_folder_appears_whole_with_its_parents(tmp_path):
    apply_plan(tmp_path / "a" / "b", Plan((_add("x"), _add("sub/y"))))
    assert _tree(tmp_path) == {"a/b/x": b"new", "a/b/sub/y": b"new"}


def test_new_folder_follows_the_umask(tmp_path):
    apply_plan(tmp_path / "a", Plan((_add("x"),)))
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_failure_in_a_new_folder_leaves_nothing(tmp_path):
    clash = Plan((_add("x"), _add("x/y")))
    with pytest.raises(OSError, match=r"exists|directory"):
        apply_plan(tmp_path / "a" / "b", clash)
    assert list(tmp_path.iterdir()) == []


def test_failure_in_a_present_folder_puts_everything_back(tmp_path):
    (tmp_path / "old").write_text("old")
    (tmp_path / "gone").write_text("gone")
    (tmp_path / "wall").write_text("in the way of a folder")
    before = _tree(tmp_path)
    rows = (
        Row("old", Action.UPDATE, b"old", b"new"),
        Row("gone", Action.RETIRE, b"gone", None),
        _add("sub/added"),
        _add("wall/x"),
    )
    with pytest.raises(OSError, match=r"exists|directory"):
        apply_plan(tmp_path, Plan(rows))
    assert _tree(tmp_path) == before
    assert not (tmp_path / "sub").exists()


def test_update_keeps_the_mode_of_the_file(tmp_path):
    (tmp_path / "run").write_text("old")
    (tmp_path / "run").chmod(0o755)
    apply_plan(tmp_path, Plan((Row("run", Action.UPDATE, b"old", b"new"),)))
    assert os.stat(tmp_path / "run").st_mode & 0o777 == 0o755
    assert _tree(tmp_path) == {"run": b"new"}


@pytest.mark.parametrize(
    "row",
    [_add("x"), Row("x", Action.UPDATE, b"old", b"new"), Row("x", Action.RETIRE, b"old", None)],
)
def test_file_that_changed_after_the_plan_is_left_alone(tmp_path, row):
    (tmp_path / "x").write_text("the user's, a moment ago")
    with pytest.raises(ConflictError, match="changed while"):
        apply_plan(tmp_path, Plan((_add("first"), row)))
    assert _tree(tmp_path) == {"x": b"the user's, a moment ago"}


def test_plan_without_changes_touches_nothing(tmp_path):
    apply_plan(tmp_path / "a", Plan((Row("x", Action.SAME, b"x", b"x"),)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["../x", "/etc/x", "link/x", "sub/../../x"])
def test_path_that_leaves_the_folder_is_refused(tmp_path, path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(KvgenError, match="leads out"):
        read_disk(folder, [path])
    with pytest.raises(KvgenError, match="leads out"):
        apply_plan(folder, Plan((_add(path),)))
    assert _tree(tmp_path) == {}


def test_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(ConflictError, match="not a file"):
        read_disk(tmp_path, ["x"])
