"""An editor that saves a file while kvgen is at work, between any two of its system calls."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_EVENTS = ("open", "os.", "shutil.", "fcntl.", "ctypes.")


@contextmanager
def at_call(number: int, act: Callable[[], None], start: str = "os.mkdir") -> Iterator[list[int]]:
    """Act once before the call of a number; yields how many there were.

    They are counted from the first on that makes, or opens, a scratch folder.
    """
    count, state = [0], {"is_on": True, "is_at_work": False}

    def note(event: str, details: object) -> None:
        if not state["is_on"]:
            return
        is_start = event == start and ".kvgen-" in str(details)
        state["is_at_work"] = state["is_at_work"] or is_start
        if state["is_at_work"] and event.startswith(_EVENTS) and event != "os.chdir":
            count[0] += 1
            if count[0] == number:
                state["is_on"] = False
                act()
                state["is_on"] = True

    sys.addaudithook(note)
    try:
        yield count
    finally:
        state["is_on"] = False


def save_in_place(path: Path, content: bytes) -> None:
    """Save as nano does: into the file that is there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(handle, content)
    os.close(handle)


def save_by_rename(path: Path, content: bytes) -> None:
    """Save as vim and most others do: another file in its place."""
    beside = path.with_name(f"{path.name}~")
    save_in_place(beside, content)
    os.replace(beside, path)
