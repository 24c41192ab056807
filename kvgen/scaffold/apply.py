"""A plan to the disk, all or nothing; and the disk as plans see it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from kvgen.errors import ConflictError, KvgenError
from kvgen.scaffold.plan import Plan, Row


def read_disk(folder: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the content of those of the paths that exist below the folder.

    Raises KvgenError where a path leads through a symbolic link or is no regular file, since
    what lies behind it is not in the folder.
    """
    found = {}
    for path in paths:
        place = _inside(folder, path)
        if place.is_file():
            found[path] = place.read_bytes()
        elif place.exists():
            raise ConflictError(f"{place} is in the way: it is not a file", "move it away")
    return found


def apply_plan(folder: Path, plan: Plan) -> None:
    """Do what the plan says to the folder, which is made where it is missing.

    On any failure, Ctrl-C included, the folder is as it was before.
    """
    if not plan.changes:
        return
    if folder.exists():
        _change(folder, plan)
    else:
        _create(folder, plan)


def _create(folder: Path, plan: Plan) -> None:
    """Write a new folder beside the target and move it into place in one step."""
    with _made(folder.parent), _staging(folder.parent, folder.name) as stage:
        for row in plan.changes:
            target = _inside(stage, row.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(row.after or b"")
        # mkdtemp's 0700 is for secrets; a project folder follows the umask like any other.
        stage.chmod(0o777 & ~_umask())
        stage.rename(folder)


def _change(folder: Path, plan: Plan) -> None:
    """Write every new content beside its target first, then swap file by file.

    What was swapped is put back when a later step fails.
    """
    targets = [_inside(folder, row.path) for row in plan.changes]
    with _staging(folder, "staged") as stage, contextlib.ExitStack() as undo:
        for number, row in enumerate(plan.changes):
            if row.after is not None:
                (stage / f"{number}.after").write_bytes(row.after)
        for number, (row, target) in enumerate(zip(plan.changes, targets, strict=True)):
            _swap(row, target, stage / f"{number}.after", stage / f"{number}.before", undo)
        undo.pop_all()


def _swap(row: Row, target: Path, after: Path, before: Path, undo: contextlib.ExitStack) -> None:
    present = target.read_bytes() if target.is_file() else None
    if present != row.before or (row.before is None and target.exists()):
        raise ConflictError(f"{target} changed while kvgen was at work", "run the command again")
    if row.before is None:
        undo.enter_context(_made(target.parent))
        undo.callback(target.unlink, missing_ok=True)
    else:
        shutil.copy2(target, before)
        undo.callback(os.replace, before, target)
        if row.after is not None:
            shutil.copymode(target, after)
    if row.after is None:
        target.unlink()
    else:
        os.replace(after, target)


@contextlib.contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder and what is missing above it; removed again if the block fails."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


@contextlib.contextmanager
def _staging(parent: Path, name: str) -> Iterator[Path]:
    """Yield a scratch folder on the same file system, hidden, and gone afterwards."""
    stage = Path(tempfile.mkdtemp(prefix=f".{name}.kvgen-", dir=parent))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _inside(folder: Path, path: str) -> Path:
    """Resolve a path of a plan below the folder; refuses to leave it, by name or by link."""
    root = folder.resolve()
    place = root.joinpath(path)
    try:
        # One file has one path: `./x` and `x/` would be a second row for x.
        is_inside = place.resolve() == place and place.relative_to(root).as_posix() == path
    except (RuntimeError, ValueError):  # links in a circle; what no file can be called
        is_inside = False
    if not is_inside:
        raise KvgenError(
            f"{place} leads out of the folder or through a symbolic link",
            "replace the link by a file of its own",
        )
    return place


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
