"""Walks all files below a folder, at any depth; follows no link."""

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kvgen.files.paths import DEEPEST

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Entry = os.DirEntry[str]


class Unread(NamedTuple):
    """Why a folder was not read: a text that follows its path, and whether its depth is why."""

    text: str
    is_too_deep: bool = False


#: Told of a folder that is not looked into: its path, and why.
Blame = Callable[[str, Unread], None]
#: Whether to look into a folder: (its path, the entry) -> yes.
Into = Callable[[str, Entry], bool]


def walk(root: str, into: Into, blame: Blame) -> Iterator[tuple[str, Entry]]:
    """Yield every entry below a folder with its path, sorted by name in each folder.

    ``root`` may be named by a link. A folder that cannot be read, or lies more than DEEPEST deep,
    is blamed; the path of the root itself is empty.
    """
    waiting: list[list[tuple[str, str]]] = [[("", root)]]
    handles: list[int] = []
    try:
        while waiting:
            if not waiting[-1]:
                waiting.pop()
                if handles:
                    os.close(handles.pop())
                continue
            path, name = waiting[-1].pop()
            if len(handles) > DEEPEST:
                blame(path, Unread(f"is more than {DEEPEST} folders deep", is_too_deep=True))
                continue
            try:
                handle = _open(name, handles)
            except OSError as error:
                blame(path, Unread(f"cannot be read: {error.strerror}"))
                continue
            handles.append(handle)
            waiting.append(folders := [])
            for entry in _entries(handle):
                inner = f"{path}/{entry.name}" if path else entry.name
                yield inner, entry
                if entry.is_dir(follow_symlinks=False) and into(inner, entry):
                    folders.append((inner, entry.name))
            folders.reverse()
    finally:
        for handle in handles:
            os.close(handle)


def _open(name: str, handles: list[int]) -> int:
    if not handles:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return os.open(name, _FOLDER, dir_fd=handles[-1])


def _entries(handle: int) -> list[Entry]:
    with os.scandir(handle) as found:
        return sorted(found, key=lambda entry: entry.name)
