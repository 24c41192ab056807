"""A folder as `kvgen new` makes it, and what lies in it."""

from pathlib import Path

import pytest

from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import new_function
from kvgen.scaffold.render import render


@pytest.fixture
def folder(kvgen, tmp_path: Path) -> Path:
    """A session function in Go, called ``function``."""
    assert kvgen("new", "session", "function", "-l", "go").exit_code == 0
    return tmp_path / "function"


def handler_text(ttl: str) -> str:
    """Return the handler of such a function with a lifetime."""
    answers = new_function(load_pattern("session"), "go", "function", {"ttl": ttl})
    return next(file.text for file in render(answers) if file.path == "handler.go")


def lifetime_line(ttl: str) -> str:
    """Return the first line of the handler that the lifetime changes, without its end."""
    other = set(handler_text("77s").splitlines())
    return next(line for line in handler_text(ttl).splitlines() if line not in other)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, scratch and all."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def times(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return what shows that something was touched: inode, time of change and mode of all."""
    stats = {str(path): path.lstat() for path in [folder, *folder.rglob("*")]}
    return {path: (s.st_ino, s.st_mtime_ns, s.st_mode) for path, s in stats.items()}
