"""No path leads out: not a target folder's, not one in a kvgen.lock, not one in a plan."""

import hashlib
import itertools
import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kvgen.errors import KvgenError
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.plan import Action, Plan, Row
from tests.hostile.amount import examples
from tests.hostile.test_new import is_refused
from tests.hostile.texts import hostile

_DEEP = "1/2/3/4/5/6"  # below the place that is watched, so that `..` stays within it

_segment = st.sampled_from(["..", ".", "", "link", "loop", "file", "sub", "~", "handler.js"]) | (
    hostile.map(lambda text: text.replace("/", "\\"))
)
# Never from the root of this machine: where a path may lead is told from what it does.
_paths = st.lists(_segment, min_size=1, max_size=5).map(lambda names: "/".join(names).lstrip("/"))
_own = st.sampled_from(["handler.js", "kvgen.toml", "kvgen.lock"])
_absolute = _paths.map(lambda path: f"/{path}")


def _seen(place):
    """Return every path below a place with what it is or holds; links are not followed."""
    found = {}
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                found[path] = os.readlink(path)
            else:
                found[path] = "" if os.path.isdir(path) else Path(path).read_bytes()
    return found


@pytest.fixture
def fresh(tmp_path):
    """Make a new place each time: a folder deep within it with links that lead out and around."""
    numbers = itertools.count()

    def make():
        place = tmp_path / f"place-{next(numbers)}"
        folder = place / _DEEP
        folder.mkdir(parents=True)
        linked = folder.parents[1]  # not so high that `link/../..` would leave the place
        for outside in (place, linked):
            (outside / "outside").write_text("not kvgen's")
        (folder / "link").symlink_to(linked)
        (folder / "loop").symlink_to("loop")
        (folder / "file").write_text("the user's")
        (folder / "sub").mkdir()
        return place, folder

    return make


def _may_be_named(path):
    """Whether an operating system takes the path at all."""
    try:
        return "\0" not in path and bool(os.fsencode(path))
    except UnicodeEncodeError:
        return False


@examples(80)
@given(path=_paths, with_name=st.booleans())
@example("loop/x", True)
@example("link/x", True)
@example("-x/--help", True)
def test_target_folder_is_the_one_that_was_named_or_nothing(
    kvgen, fresh, monkeypatch, path, with_name
):
    place, folder = fresh()
    monkeypatch.chdir(folder)
    before = _seen(place)
    if not _may_be_named(path):
        return
    arguments = ["new", "flag", "-l", "go", *(["--name=a"] if with_name else [])]
    result = kvgen(*arguments, "--", path)
    new = _seen(place).keys() - before.keys()
    if is_refused(result):
        assert _seen(place) == before
    else:
        target = os.path.realpath(folder / path)
        made = [name for name in new if os.path.isfile(name)]
        assert made
        assert all(name.startswith(f"{target}/") for name in made)
        assert before.items() <= _seen(place).items()
    shutil.rmtree(place)


@examples(100)
@given(path=_paths | _absolute, action=st.sampled_from([Action.ADD, Action.UPDATE, Action.RETIRE]))
@example("link/outside", Action.UPDATE)
@example("../../../../../../outside", Action.RETIRE)
@example("sub/../../../../../../../outside", Action.RETIRE)
@example("loop/x", Action.ADD)
@example("loop", Action.ADD)
def test_plan_changes_nothing_outside_of_its_folder(fresh, path, action):
    place, folder = fresh()
    before = _seen(place)
    contents = {Action.ADD: (None, b"new"), Action.RETIRE: (b"not kvgen's", None)}
    old, new = contents.get(action, (b"not kvgen's", b"new"))
    try:
        read_disk(folder, [path])
        apply_plan(folder, Plan((Row(path, action, old, new),)))
    except (KvgenError, OSError):
        assert _seen(place) == before
    else:
        changed = {name for name, _ in _seen(place).items() ^ before.items()}
        assert changed
        assert all(name.startswith(f"{folder}/") for name in changed)
        assert folder.joinpath(path).read_bytes() == b"new"
    shutil.rmtree(place)


@examples(40)
@given(paths=st.lists(_paths | _absolute | _own, min_size=1, max_size=4))
@example(["../outside"])
@example(["link/outside"])
@example(["./handler.js"])
@example(["sub/../handler.js"])
@example(["handler.js/"])
@example(["kvgen.toml"])
@example(["kvgen.lock"])
@example(["loop/x", "a\0b", "\ud800"])
def test_lock_that_names_other_files_removes_none_of_them(kvgen, fresh, paths):
    place, folder = fresh()
    (folder / "made").mkdir()
    assert kvgen("new", "flag", str(folder / "made"), "-l", "js", "--name=a").exit_code == 0
    for name in ("link", "loop", "file"):
        (folder / name).rename(folder / "made" / name)
    (folder / "outside").write_text("not kvgen's")
    lock = folder / "made/kvgen.lock"
    recorded = json.loads(lock.read_text())
    for path in paths:
        text = _text_at(folder / "made", path)
        recorded["files"][path] = {"id": _blob_id(text.encode()), "text": text}
    lock.write_text(json.dumps(recorded))
    before = _seen(place)
    result = kvgen("regenerate", str(folder / "made"))
    if result.exit_code:
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.stderr.startswith("Error: ")
        assert _seen(place) == before
    else:
        gone = before.keys() - _seen(place).keys()
        assert gone <= {str(folder / "made" / path) for path in paths}
        assert not gone & {str(folder / "made" / name) for name in ("handler.js", "kvgen.toml")}
    shutil.rmtree(place)


def _blob_id(content: bytes) -> str:
    """Return git's id of a file's content."""
    blob = b"blob %d\0%s" % (len(content), content)
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


def _text_at(folder: Path, path: str) -> str:
    """Return what lies there, as a lock would say that kvgen had written it."""
    try:
        return (folder / path).read_text()
    except (OSError, ValueError):
        return "text"
