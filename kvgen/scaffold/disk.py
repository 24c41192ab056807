"""A folder as plans see it: the files at the planned paths, and no others."""

from collections.abc import Iterable
from pathlib import Path

from kvgen.files.folder import Folder
from kvgen.files.paths import LargeFileError
from kvgen.scaffold.model import Large

_NOT_THERE = (FileNotFoundError, NotADirectoryError)


def read_disk(folder: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the content of those of the paths that exist below the folder.

    What is too large to be read is ``Large``. Raises KvgenError if a path leads through a
    symbolic link or is not a regular file: its target is not in the folder.
    """
    try:
        opened = Folder(folder)
    except _NOT_THERE:
        return {}
    disk = {}
    with opened:
        for path in paths:
            try:
                content = opened.read(path)
            except LargeFileError:
                content = Large()
            if content is not None:
                disk[path] = content
    return disk


def read_file(folder: Path, path: str) -> bytes | None:
    """Return the content of one file, or None if there is none."""
    try:
        with Folder(folder) as opened:
            return opened.read(path)
    except _NOT_THERE:
        return None
