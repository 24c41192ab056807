"""Where a run puts what it is about to swap in, and what that tells the next one if it is killed.

A staging folder has ``after/<path>`` for each file to be written and ``before/<path>`` for each
to be replaced or removed. A swap moves a file out of ``after``, and kvgen.lock is staged last and
swapped last: so while it is there, ``after`` says what has not been done yet.

Nothing is flushed to the disk on purpose. All this holds for a process that is killed; for a
power cut it holds as far as the file system keeps the order of renames.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from kvgen.errors import ConflictError
from kvgen.scaffold.lock import LOCK_FILE, parse_lock, refuse_newer


@contextlib.contextmanager
def staging(parent: Path, name: str = "staged") -> Iterator[Path]:
    """Yield a scratch folder on the same file system, hidden, and gone afterwards."""
    # This and shutil belong to runs that write; most of those over many folders do not.
    import tempfile

    stage = Path(tempfile.mkdtemp(prefix=_prefix(name), dir=parent))
    try:
        yield stage
    finally:
        discard(stage)


def discard(stage: Path) -> None:
    """Remove a staging folder; the staged lock first, without which the rest means nothing."""
    import shutil

    with contextlib.suppress(OSError):
        (stage / "after" / LOCK_FILE).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def leftovers(parent: Path, name: str = "staged") -> list[Path]:
    """Return the staging folders that are there, the oldest first: their runs were cut short."""
    prefix = _prefix(name)
    try:
        found = [parent / entry for entry in os.listdir(parent) if entry.startswith(prefix)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(filter(Path.is_dir, found), key=lambda stage: stage.stat().st_mtime_ns)


def swapped_texts(stages: list[Path]) -> dict[str, str] | None:
    """Return the pristine text, by path, of the files that runs swapped in before they were killed.

    Returns None where no run had come as far as swapping. Raises KvgenError where one of the runs
    was a newer kvgen's.
    """
    texts: dict[str, str] | None = None
    for stage in stages:
        staged = stage / "after" / LOCK_FILE
        try:
            lock = parse_lock(staged.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # Either nothing had been swapped yet, or everything.
        refuse_newer(staged, lock)
        done = (path for path in lock.texts if not (stage / "after" / path).exists())
        texts = {**(texts or {}), **{path: lock.texts[path] for path in done}}
    return texts


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder; the system lets go of it however this one ends.

    Raises ConflictError where another run is in it.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ConflictError(
            f"another kvgen is at work in {folder}", "run the command again when it has ended"
        ) from None
    except OSError:
        pass  # Some network file systems have no locks; runs at the same time are then on you.
    try:
        yield
    finally:
        os.close(handle)


def _prefix(name: str) -> str:
    return f".{name}.kvgen-"
