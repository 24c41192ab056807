"""A plan to the disk, all or nothing."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from kvgen.errors import ConflictError, KvgenError
from kvgen.scaffold.disk import place_of, read_file
from kvgen.scaffold.lock import LOCK_FILE
from kvgen.scaffold.plan import Plan, Row
from kvgen.scaffold.staging import discard, leftovers, locked, staging


def apply_plan(folder: Path, plan: Plan) -> None:
    """Do what the plan says to the folder, which is made where it is missing.

    On any failure, Ctrl-C included, the folder is as it was before. A run that is killed leaves
    a staging folder, from which the next one knows what had been done.
    """
    if plan.conflicts:
        raise ConflictError(f"{folder} has conflicts", "solve them first")
    if not plan.changes and not plan.unfinished:
        return
    if folder.exists():
        _change(folder, plan)
    else:
        _create(folder, plan)


def _create(folder: Path, plan: Plan) -> None:
    """Write a new folder beside the target and move it into place in one step."""
    with contextlib.ExitStack() as undo:
        _make(folder.parent, undo)
        with staging(folder.parent, folder.name) as stage, locked(stage):
            for row in plan.changes:
                _write(stage / row.path, row.after or b"")
            # mkdtemp's 0700 is for secrets; a project folder follows the umask like any other.
            stage.chmod(0o777 & ~_umask())
            stage.rename(folder)
        undo.pop_all()
    for stage in leftovers(folder.parent, folder.name):
        with contextlib.suppress(ConflictError), locked(stage):
            discard(stage)


def _change(folder: Path, plan: Plan) -> None:
    """Put every new content and a second name of every old one aside, then swap file by file.

    Whatever needs room on the disk or a right to read is thus done before the first swap. What
    was swapped is put back when a later step fails.
    """
    root = str(folder)
    with locked(folder), staging(folder) as stage:
        for row in plan.changes:
            _stage(Path(place_of(root, row.path, set())), row, stage)
        with _undoing(stage) as undo:
            for row in plan.changes:
                _swap(Path(place_of(root, row.path, set())), row, stage, undo)
        for left in leftovers(folder):
            discard(left)


def _stage(target: Path, row: Row, stage: Path) -> None:
    _refuse_changed(target, row)
    _refuse_read_only(target)
    if row.after is not None:
        _write(stage / "after" / row.path, row.after)
    if row.before is not None:
        before = stage / "before" / row.path
        before.parent.mkdir(parents=True, exist_ok=True)
        _link(target, before)
        if row.after is not None:
            shutil.copymode(target, stage / "after" / row.path)


def _swap(target: Path, row: Row, stage: Path, undo: contextlib.ExitStack) -> None:
    _refuse_changed(target, row)
    if row.before is None:
        _make(target.parent, undo)
        undo.callback(target.unlink, missing_ok=True)
    else:
        undo.callback(os.replace, stage / "before" / row.path, target)
    if row.after is None:
        target.unlink()
    else:
        os.replace(stage / "after" / row.path, target)


@contextlib.contextmanager
def _undoing(stage: Path) -> Iterator[contextlib.ExitStack]:
    """Yield a stack of what to do if the block fails."""
    with contextlib.ExitStack() as undo:
        try:
            yield undo
        except BaseException:
            # From here on, what is missing in the staging folder has not been done any more.
            (stage / "after" / LOCK_FILE).unlink(missing_ok=True)
            raise
        undo.pop_all()


def _refuse_changed(target: Path, row: Row) -> None:
    if read_file(str(target)) != row.before:
        raise ConflictError(f"{target} changed while kvgen was at work", "run the command again")


def _refuse_read_only(target: Path) -> None:
    """Raise KvgenError for a file that nobody may write: a swap would not even notice."""
    with contextlib.suppress(FileNotFoundError):
        if not target.stat().st_mode & 0o222:
            raise KvgenError(f"{target} is read-only", f"make it writable: chmod u+w {target}")


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def _link(target: Path, name: Path) -> None:
    """Give a file a second name, with its times and mode; a copy where that cannot be."""
    try:
        os.link(target, name)
    except OSError:
        shutil.copy2(target, name)


def _make(folder: Path, undo: contextlib.ExitStack) -> None:
    """Make a folder and what is missing above it, and have it removed again on failure."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        undo.callback(_remove_empty, place)
    folder.mkdir(parents=True, exist_ok=True)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
