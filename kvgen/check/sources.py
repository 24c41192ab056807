"""The files of a folder as a check reads them: never outside of it, and with a size limit."""

import os
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.errors import KvgenError
from kvgen.files.folder import Folder
from kvgen.files.walk import Entry, Unread, walk

LONGEST_SOURCE = 2**20  # bytes; a lexer takes seconds for more

#: Folders that are not part of the function.
_AROUND = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "__pycache__", ".pytest_cache", ".mypy_cache"}
    | {".ruff_cache", ".tox", ".nox", ".idea", ".vscode"}
)
_INSTALLED = "node_modules"
_CHUNK = 2**20


class Sources:
    """A folder's files. What cannot be read turns up in ``problems``, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = os.path.realpath(root)
        self._problems: dict[str, Finding] = {}
        self._around: list[str] = []
        self.paths = tuple(sorted(self._own()))

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Return what could not be read, so far."""
        return tuple(self._problems.values())

    def has(self, path: str) -> bool:
        """Whether there is something by this name in the folder, readable or not."""
        return not _leads_out(path) and os.path.lexists(self.root / path)

    def has_file(self, path: str) -> bool:
        """Whether there is a file by this name, or a link to one, in the folder."""
        inside = None if _leads_out(path) else self._inside(path)
        return inside is not None and os.path.isfile(os.path.join(self._real, inside))

    def text(self, path: str) -> str | None:
        """Return the text of a file; None if it is missing or is one of the ``problems``."""
        content = self.content(path) if self.has(path) and path not in self._problems else None
        if content is None:
            return None
        if len(content) > LONGEST_SOURCE:
            message = f"has {self.size(path):,} bytes"
            self._blame("too-large", path, message, "keep bundles and data out of the source files")
            return None
        try:
            # No language's tool treats a byte order mark as part of the text.
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._blame("not-text", path, "is not UTF-8", "save it as UTF-8", line)
            return None

    def give_up(self, path: str) -> None:
        """Count a file among the problems because it takes too long to be parsed."""
        fix = "keep bundles and data out of the source files"
        self._blame("too-large", path, "takes too long to be parsed", fix)

    def content(self, path: str, limit: int = LONGEST_SOURCE + 1) -> bytes | None:
        """Return the first bytes of a file; None if it cannot be read."""
        content = b""
        for chunk in self.chunks(path):
            content += chunk
            if len(content) >= limit:
                break
        return None if path in self._problems else content[:limit]

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file piece by piece; nothing, and a problem, where it cannot be read."""
        inside = self._inside(path)
        try:
            # A link within the folder was followed before, so this opens no link.
            with Folder(self._real) as folder:
                opened = None if inside is None else folder.open(inside)
            if opened is None:
                self._blame("unreadable", path, "is not in the folder", "put a copy in its place")
                return
            with os.fdopen(opened[0], "rb", buffering=0) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            self._blame(
                "unreadable", path, f"cannot be read: {error.strerror}", "check its permissions"
            )
        except KvgenError:
            self._blame("unreadable", path, "is not a file", "put a file in its place")

    def size(self, path: str) -> int:
        """Return the size of a file in bytes."""
        with Folder(self._real) as folder:
            status = folder.status(self._inside(path) or path)
        return status.st_size if status else 0

    def files_around(self) -> Iterator[str]:
        """Yield the files of the folder that are not part of the function's code."""
        for path in self._around:
            yield from self._files_below(path)

    def installed_files(self) -> Iterator[str]:
        """Yield the files below node_modules, which are shipped with the function."""
        yield from self._files_below(_INSTALLED)

    def _files_below(self, folder: str) -> Iterator[str]:
        if not os.path.islink(self.root / folder) and os.path.isdir(self.root / folder):
            for path, entry in walk(os.path.join(self._real, folder), _everywhere, _silently):
                if entry.is_file(follow_symlinks=False):
                    yield f"{folder}/{path}"

    def _own(self) -> Iterator[str]:
        for path, entry in walk(self._real, self._is_own, self._blame_folder):
            if entry.is_file(follow_symlinks=False):
                yield path
            elif entry.is_symlink() and entry.name not in _AROUND:
                inside = self._inside(path)
                if inside is None:
                    message = f"is a link to {self._target(path)!r}, which is not in"
                    self._blame("link", path, f"{message} the folder", "put a copy in its place")
                elif os.path.isfile(os.path.join(self._real, inside)):
                    yield path

    def _is_own(self, path: str, entry: Entry) -> bool:
        is_venv = os.path.isfile(os.path.join(self._real, path, "pyvenv.cfg"))
        is_around = entry.name in _AROUND or is_venv
        if is_around and entry.name != ".git":
            self._around.append(path)
        return not is_around and path != _INSTALLED

    def _target(self, path: str) -> str:
        """Return what a link says."""
        with Folder(self._real) as folder:
            handle, name = folder.at(path)  # from folder to folder: a path may be too long
            return os.readlink(name, dir_fd=handle)

    def _inside(self, path: str) -> str | None:
        """Return the path of what a path leads to, all links followed; None if that is outside."""
        try:
            real = os.path.realpath(os.path.join(self._real, path), strict=True)
        except (OSError, ValueError):
            return None
        if os.path.commonpath([self._real, real]) != self._real:
            return None
        return os.path.relpath(real, self._real)

    def _blame_folder(self, path: str, problem: Unread) -> None:
        fix = "move it further up" if problem.is_too_deep else "check its permissions"
        self._blame("unreadable", path or ".", problem.text, fix)

    def _blame(self, rule: str, path: str, message: str, fix: str, line: int | None = None) -> None:
        self._problems.setdefault(path, broken(rule, path, line, message, fix))


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/")


def _everywhere(_: str, entry: Entry) -> bool:
    return entry.name != ".git"


def _silently(_: str, __: Unread) -> None:
    """A folder in there that cannot be read does not matter."""
