"""The folder for files that a run will swap in; after a kill, the next run reads it.

A staging folder has ``after/<path>`` for each file to be written. A swap ends by removing the file
from there, and kvgen.lock is staged last and swapped last: so while it is there, ``after`` says
what has not been done yet. ``out/<path>`` is what was replaced.

Nothing is flushed to the disk on purpose. All this holds for a process that is killed; for a
power cut it holds as far as the file system keeps the order of renames.
"""

import contextlib
import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from kvgen.errors import KvgenError
from kvgen.files.folder import Folder
from kvgen.files.locks import try_lock
from kvgen.files.paths import is_scratch, mark_of, prefix_of
from kvgen.files.walk import walk
from kvgen.scaffold.lock import LOCK_FILE, Lock, parse_lock, refuse_newer
from kvgen.scaffold.model import encoded
from kvgen.scaffold.project import PROJECT_FILE

STAGED, AFTER, OUT = "staged", "after", "out"

STAGED_LOCK = f"{AFTER}/{LOCK_FILE}"
_NEW = 60  # seconds in which a scratch folder without a mark may still get it


def leftovers(parent: Path, name: str = STAGED) -> list[str]:
    """Return the scratch folders that are there, the oldest first: their runs were cut short."""
    prefix = prefix_of(name)
    try:
        # Most folders have none, and need not be opened to know that.
        if not any(entry.startswith(prefix) for entry in os.listdir(parent)):
            return []
        with Folder(parent) as opened:
            return leftovers_in(opened, name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def swapped_texts(folder: Path, scratches: Sequence[str]) -> dict[str, str] | None:
    """Return the pristine text, by path, of the files that runs swapped in before they were killed.

    None says that none of the runs had got that far. Raises KvgenError if one of them was a
    newer kvgen's.
    """
    texts: dict[str, str] | None = None
    if not scratches:
        return texts
    with Folder(folder) as opened:
        for scratch in scratches:
            # Another run may have removed it meanwhile.
            with contextlib.suppress(FileNotFoundError), opened.below(scratch) as stage:
                lock = _lock_in(stage, STAGED_LOCK)
                if lock is None:
                    continue  # Either nothing had been swapped yet, or everything.
                refuse_newer(Path(stage.full(AFTER)), lock)
                done = {p: t for p, t in lock.texts.items() if _is_done(opened, stage, p)}
                texts = {**(texts or {}), **done}
    return texts


def leftovers_in(parent: Folder, name: str) -> list[str]:
    """Return the same of a folder that is open."""
    prefix = prefix_of(name)
    found = [n for n in parent.names() if n.startswith(prefix) and is_scratch(n)]
    ages = {n: status.st_mtime_ns for n in found if (status := _abandoned(parent, n))}
    return sorted(ages, key=ages.__getitem__)


def _abandoned(parent: Folder, scratch: str) -> os.stat_result | None:
    """Return the status of a scratch folder whose run has ended; None for any other."""
    status = parent.status(scratch)
    if status is None or not stat.S_ISDIR(status.st_mode):
        return None
    try:
        with parent.below(scratch) as stage, stage.opened() as handle:
            is_ended = try_lock(handle) and _is_kvgens(stage, os.fstat(handle))
    except (OSError, KvgenError):
        return None
    return status if is_ended else None


def _is_kvgens(stage: Folder, status: os.stat_result) -> bool:
    """Whether all that is in a folder is kvgen's, by its mark or by each content."""
    if stage.status(mark_of(status)):
        return True
    if not stage.names():
        return time.time() - status.st_mtime > _NEW
    lock = _lock_in(stage, LOCK_FILE)
    return lock is not None and _is_all_written(stage, lock)


def _is_all_written(stage: Folder, lock: Lock) -> bool:
    """Whether a folder holds nothing but what a lock says, in the folders that this takes."""
    folders = {str(above) for path in lock.texts for above in PurePosixPath(path).parents}
    unread: list[str] = []
    for path, entry in walk(stage.place, lambda *_: True, lambda path, _: unread.append(path)):
        is_folder = entry.is_dir(follow_symlinks=False)
        if not (path in folders if is_folder else _is_written(stage, path, lock)):
            return False
    return not unread


def _is_written(stage: Folder, path: str, lock: Lock) -> bool:
    if path in (PROJECT_FILE, LOCK_FILE):
        return True
    text = lock.texts.get(path)
    return text is not None and stage.read(path) == encoded(text)


def _is_done(folder: Folder, stage: Folder, path: str) -> bool:
    """Whether a file had been swapped in; a killed swap may have left it under both names."""
    staged, present = stage.status(f"{AFTER}/{path}"), folder.status(path)
    return staged is None or (present is not None and os.path.samestat(staged, present))


def _lock_in(stage: Folder, path: str) -> Lock | None:
    try:
        content = stage.read(path)
        return None if content is None else parse_lock(content.decode("utf-8"))
    except (KvgenError, ValueError):
        return None
