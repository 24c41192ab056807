"""Finds the folders that kvgen made below a path."""

import os
from collections.abc import Iterable
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.scaffold.project import PROJECT_FILE

#: Folders in which no function of the user's lives, and which are large.
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})
_STAGING = ".kvgen-"  # what a run that was killed left behind has a kvgen.toml as well


def find_folders(paths: Iterable[Path]) -> list[Path]:
    """Return every folder at or below the paths that has a kvgen.toml, sorted, each once.

    A folder that cannot be looked into is among them, so that whoever works on it says so.
    Raises KvgenError for a path that does not exist, or where there is none at all.
    """
    roots = list(paths)
    found: set[Path] = set()
    for root in roots:
        if not root.is_dir():
            raise KvgenError(f"{root} is not a folder", "name a folder that kvgen made")
        for place, folders, files in os.walk(root, onerror=lambda e: found.add(Path(e.filename))):
            folders[:] = [name for name in folders if name not in _SKIPPED and _STAGING not in name]
            if PROJECT_FILE in files:
                found.add(Path(place))
    if not found:
        below = ", ".join(map(str, roots))
        raise KvgenError(f"no {PROJECT_FILE} at or below {below}", "kvgen new makes such a folder")
    return sorted(found)
