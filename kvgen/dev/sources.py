"""Which files of a folder make the function: what is looked at for changes, and how it stands."""

import errno
import os
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

#: What a function of any language may read: its manifests, and what it serves or queries with.
_ANY = frozenset(
    {".toml", ".json", ".yaml", ".yml", ".html", ".tmpl", ".css", ".svg", ".sql", ".graphql"}
)
_HIDDEN = frozenset({".env"})  # of the names that begin with a dot
_INSTALLED = frozenset({"node_modules", "__pycache__"})
_VENV_MARK = "pyvenv.cfg"
_EDITORS_COPY = "flycheck_"  # Emacs puts a copy beside each file that it checks
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})

Signature = tuple[int, int, int]


class Look(NamedTuple):
    """The sources at one moment, by path, and why folders could not be read, by path."""

    files: Mapping[str, Signature]
    unreadable: Mapping[str, str]


class Sources:
    """The sources of a folder: by suffix, so that logs, databases and editors' copies are none."""

    def __init__(self, folder: Path, suffixes: Collection[str], apart: Collection[Path]) -> None:
        """``suffixes`` are the language's; folders that are ``apart`` hold no sources."""
        self.folder = folder
        self._suffixes = _ANY.union(suffixes)
        self._apart = frozenset(map(str, apart))

    def look(self) -> Look:
        """Look at every source; what is gone by the time that it is looked at is left out."""
        files: dict[str, Signature] = {}
        unreadable: dict[str, str] = {}
        waiting = [""]
        while waiting:
            below = waiting.pop()
            try:
                with os.scandir(self.folder / below) as found:
                    entries = list(found)
            except OSError as error:
                if error.errno not in _GONE:
                    unreadable[below] = error.strerror or str(error)
                continue
            if any(entry.name == _VENV_MARK for entry in entries):
                continue
            for entry in entries:
                path = os.path.join(below, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    if self._is_own(entry):
                        waiting.append(path)
                elif self._is_source(entry.name) and (signature := _signature(entry)):
                    files[path] = signature
        return Look(files, unreadable)

    def _is_own(self, folder: "os.DirEntry[str]") -> bool:
        name = folder.name
        return (
            not name.startswith(".") and name not in _INSTALLED and folder.path not in self._apart
        )

    def _is_source(self, name: str) -> bool:
        if name.startswith((".", _EDITORS_COPY)):
            return name in _HIDDEN
        return os.path.splitext(name)[1] in self._suffixes


def _signature(entry: "os.DirEntry[str]") -> Signature | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
