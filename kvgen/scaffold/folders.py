"""Finds the folders that kvgen made below a path."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.files.paths import is_scratch
from kvgen.files.walk import Entry, Unread, walk
from kvgen.scaffold.project import PROJECT_FILE

#: Folders in which no function of the user's lives, and which are large.
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


def find_folders(paths: Iterable[Path], warn: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Return every folder at or below the paths that has a kvgen.toml, sorted, each once.

    A folder that cannot be looked into is among them, so that whoever works on it says so; of
    those that are too deep ``warn`` is told. Raises KvgenError for a path that does not exist, or
    if there is none at all.
    """
    roots = list(paths)
    found: set[Path] = set()
    for root in roots:
        if not os.path.isdir(root):
            raise KvgenError(f"{root} is not a folder", "name a folder that kvgen made")
        found |= _found(root, warn)
    if not found:
        below = ", ".join(map(str, roots))
        raise KvgenError(
            f"no {PROJECT_FILE} at or below {below}",
            "kvgen new makes such a folder, and kvgen add prepares one that you have",
        )
    return sorted(found, key=lambda folder: folder.parts)


def _found(root: Path, warn: Callable[[str], None]) -> set[Path]:
    found: set[Path] = set()

    def blame(path: str, problem: Unread) -> None:
        if problem.is_too_deep:
            warn(f"{root / path} {problem.text}, and was not looked into")
        else:
            found.add(root / path)

    for path, entry in walk(os.fspath(root), _is_looked_into, blame):
        if entry.name == PROJECT_FILE and not entry.is_dir():
            found.add(root / os.path.dirname(path))
    return found


def _is_looked_into(_: str, entry: Entry) -> bool:
    return entry.name not in _SKIPPED and not is_scratch(entry.name)
