"""The files of a folder as a check reads them: nothing outside, nothing endless, nothing run."""

import os
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.finding import Finding
from kvgen.check.rules import broken

LONGEST_SOURCE = 2**20  # bytes; a lexer takes seconds for more

#: What is around a function and not of it, however it is shipped.
_AROUND = frozenset(
    {".git", ".hg", ".svn", ".venv", "venv", "__pycache__", ".pytest_cache", ".mypy_cache"}
    | {".ruff_cache", ".tox", ".nox", ".idea", ".vscode"}
)
_INSTALLED = "node_modules"


class Sources:
    """A folder's files. What cannot be read turns up in ``problems``, each once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._problems: dict[str, Finding] = {}
        self.paths = tuple(sorted(self._own(root)))

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Return what could not be read, so far."""
        return tuple(self._problems.values())

    def has(self, path: str) -> bool:
        """Whether there is something by this name, readable or not."""
        return os.path.lexists(self.root / path)

    def text(self, path: str) -> str | None:
        """Return the text of a file; None where it is missing or is one of the ``problems``."""
        if path in self._problems or not self.has(path):
            return None
        if not (self.root / path).is_file():
            # Nor is it opened: a pipe would wait for its writer.
            self._blame("unreadable", path, "is no file", "put a file in its place")
            return None
        content = self.content(path)
        if content is None:
            return None
        if len(content) > LONGEST_SOURCE:
            message = f"has {len(content):,} bytes"
            self._blame("too-large", path, message, "keep bundles and data out of the source files")
            return None
        try:
            # A mark at the beginning is no part of the text to any of the languages' tools.
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._blame("not-text", path, "is not UTF-8", "save it as UTF-8", line)
            return None

    def content(self, path: str, limit: int = LONGEST_SOURCE + 1) -> bytes | None:
        """Return the first bytes of a file; None where it cannot be read."""
        try:
            with (self.root / path).open("rb") as file:
                return file.read(limit)
        except OSError as error:
            self._blame("unreadable", path, f"cannot be read: {error.strerror}", "see to its mode")
            return None

    def files_around(self) -> Iterator[Path]:
        """Yield the files that lie in the folder and are no part of the function's code."""
        for place, folders, _ in os.walk(self.root):
            around = [name for name in folders if _is_around(Path(place, name))]
            folders[:] = [n for n in folders if n not in around and n != _INSTALLED]
            for name in around:
                if name != ".git":
                    yield from (p for p in Path(place, name).rglob("*") if _is_plain(p))

    def installed_files(self) -> Iterator[Path]:
        """Yield the files below node_modules, which are shipped with the function."""
        yield from (p for p in (self.root / _INSTALLED).rglob("*") if _is_plain(p))

    def _own(self, root: Path) -> Iterator[str]:
        def unreadable(error: OSError) -> None:
            path = Path(error.filename).relative_to(root).as_posix()
            self._blame("unreadable", path, f"cannot be read: {error.strerror}", "see to its mode")

        for place, folders, files in os.walk(root, onerror=unreadable):
            here = Path(place)
            self._blame_links(here, [*folders, *files])
            left_out = {_INSTALLED} if here == root else set()
            folders[:] = [n for n in folders if n not in left_out and not _is_around(here / n)]
            yield from (
                (here / name).relative_to(root).as_posix()
                for name in files
                if (here / name).is_file() and not self._leads_out(here / name)
            )

    def _blame_links(self, place: Path, names: list[str]) -> None:
        for link in (place / name for name in names):
            if link.is_symlink() and not _is_around(link) and self._leads_out(link):
                path = link.relative_to(self.root).as_posix()
                message = f"is a link to {os.readlink(link)!r}, which is not in the folder"
                self._blame("link", path, message, "put a copy in its place")

    def _leads_out(self, path: Path) -> bool:
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            return True
        return not real.is_relative_to(self.root.resolve())

    def _blame(self, rule: str, path: str, message: str, fix: str, line: int | None = None) -> None:
        self._problems.setdefault(path, broken(rule, path, line, message, fix))


def _is_around(place: Path) -> bool:
    return place.name in _AROUND or (place / "pyvenv.cfg").is_file()


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
