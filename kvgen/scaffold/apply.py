"""Writes a plan to the disk, all or nothing."""

import contextlib
import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvgen.errors import ConflictError
from kvgen.files.changes import remove_if_empty, unlink, write
from kvgen.files.folder import Folder
from kvgen.files.locks import locked
from kvgen.files.paths import refuse_git
from kvgen.files.scratch import discard, finish, scratch_folder
from kvgen.files.signals import to_the_end
from kvgen.scaffold.plan import Plan, Row
from kvgen.scaffold.staging import STAGED, STAGED_LOCK, leftovers_in
from kvgen.scaffold.swaps import Swaps

_PAGE = "page"  # scratch of its own, so that a page may lie in a folder with an unfinished run


def apply_plan(folder: Path, plan: Plan) -> None:
    """Do what the plan says to the folder, which is made if it is missing.

    On any failure, Ctrl-C included, the folder is as it was before. A run that is killed leaves
    a staging folder, from which the next one knows what had been done.
    """
    if plan.conflicts:
        raise ConflictError(f"{folder} has conflicts", "solve them first")
    if not plan.changes and not plan.unfinished:
        return
    refuse_git(folder)
    if folder.exists():
        with locked(folder), Folder(folder) as opened:
            _change(opened, plan.changes)
            _sweep(opened)
    else:
        _create(folder, plan)


def replace_page(place: Path, row: Row) -> None:
    """Replace a single file that does not belong to a function; whoever calls has locked it."""
    with Folder(place.parent) as opened:
        _change(opened, [row], _PAGE)
        _sweep(opened, _PAGE)


def _create(folder: Path, plan: Plan) -> None:
    """Write a new folder beside the target and move it into place in one step."""
    with _parent(folder) as parent:
        with scratch_folder(parent, folder.name) as stage:
            for row in plan.changes:
                write(stage, row.path, row.after or b"")
            try:
                finish(parent, stage, folder.name)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise
                raise ConflictError(f"{folder} exists by now", "choose another folder") from None
        _sweep(parent, folder.name)


@contextlib.contextmanager
def _parent(folder: Path) -> Iterator[Folder]:
    """Open the parent of a folder; what has to be made for it goes again on failure."""
    base = next(place for place in folder.parents if place.is_dir())
    above = folder.parent.relative_to(base).as_posix()
    with Folder(base) as opened:
        try:
            if above == ".":
                yield opened
                return
            with opened.below(above, make=True) as parent:
                yield parent
        except BaseException:
            to_the_end(lambda: _remove(opened))
            raise


def _remove(opened: Folder) -> None:
    for path in reversed(opened.made):
        remove_if_empty(opened, path)


def _change(folder: Folder, rows: Sequence[Row], name: str = STAGED) -> None:
    """Put every new content aside, then swap file by file; undo what was done on a failure.

    Whatever needs room on the disk or a right to read is thus done before the first swap.
    """
    with scratch_folder(folder, name) as stage, Swaps(folder, stage) as swaps:
        for row in rows:
            swaps.stage(row)
        for row in rows:
            swaps.swap(row)
        swaps.keep()


def _sweep(parent: Folder, name: str = STAGED) -> None:
    """Remove the scratch folders that runs left behind when they were killed, if that can be."""
    with contextlib.suppress(OSError):
        for scratch in leftovers_in(parent, name):
            # Another run may have removed it meanwhile.
            with contextlib.suppress(FileNotFoundError), parent.below(scratch) as stage:
                unlink(stage, STAGED_LOCK)  # without which the rest means nothing
            discard(parent, scratch)
