"""A folder as `kvgen new` makes it, and what lies in it."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(kvgen, tmp_path: Path) -> Path:
    """A session function in Go, called ``function``."""
    assert kvgen("new", "session", "function", "-l", "go").exit_code == 0
    return tmp_path / "function"


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, scratch and all."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def times(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return what shows that something was touched: inode, time of change and mode of all."""
    stats = {str(path): path.lstat() for path in [folder, *folder.rglob("*")]}
    return {path: (s.st_ino, s.st_mtime_ns, s.st_mode) for path, s in stats.items()}
