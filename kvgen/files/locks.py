"""Locks on folders and files; the system lets go of them however a run ends."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from kvgen.errors import ConflictError

_PAUSE = 0.02  # seconds between two tries


@contextlib.contextmanager
def locked(place: Path, patience: float = 0) -> Iterator[None]:
    """Keep other runs away from a folder or a file, after at most so many seconds of waiting.

    Raises ConflictError if another run is at work there.
    """
    end = time.monotonic() + patience
    while (handle := _lock(place)) is None:
        if time.monotonic() > end:
            raise ConflictError(
                f"another kvgen is running in {place}", "run the command again when it has ended"
            )
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        os.close(handle)


def lock(handle: int) -> None:
    """Lock what is open, until it is closed, as soon as nobody else has it locked."""
    with contextlib.suppress(OSError):  # as in `try_lock`
        fcntl.flock(handle, fcntl.LOCK_EX)


def try_lock(handle: int) -> bool:
    """Lock what is open, until it is closed; False if another run has done so."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # Some network file systems have no locks; runs at the same time are then on you.
    return True


def _lock(place: Path) -> int | None:
    handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    # Whoever had the lock may have put another file in the place.
    if try_lock(handle) and os.path.samestat(os.fstat(handle), os.stat(place)):
        return handle
    os.close(handle)
    return None
