"""What git knows about a folder, read from git's files and without running git.

A repository's configuration can name programs for git to run, even if it is nested in a clone.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.files.folder import Folder
from kvgen.files.globs import Rule, parse_rule

_IGNORE = ".gitignore"
_MOST_RULES = 5_000  # of one file
_FIXED = 62  # bytes of an entry before its name, with SHA-1
_EXTENDED = 0x4000


class Repository:
    """The work tree that a folder is in, or the folder alone if there is none."""

    def __init__(self, folder: Path, *, is_alone: bool = False) -> None:
        """``is_alone`` leaves out the work tree: the folder's own ignore files count."""
        real = Path(os.path.realpath(folder))
        above = (real, *real.parents) if not is_alone else ()
        tops = (place for place in above if os.path.lexists(place / ".git"))
        self._top = next(tops, real)
        self._prefix = real.relative_to(self._top).parts
        git = _git_folder(self._top) if not is_alone else None
        self._tracked = _tracked(git) if git else frozenset()
        self._rules: dict[tuple[str, ...], list[Rule]] = {}
        self._exclude = _rules_in(_common_folder(git), "info/exclude") if git else []

    @property
    def is_ignored(self) -> bool:
        """Whether git leaves out the folder as a whole, as where a home folder ignores ``*``."""
        return self._is_any_left_out(self._prefix, file=())

    def ignores(self, path: str) -> bool:
        """Whether git leaves out a file, by its path below the folder; none that it tracks."""
        names = (*self._prefix, *path.split("/"))
        if os.fsencode("/".join(names)) in self._tracked:
            return False
        return self._is_any_left_out(names, file=names)

    def _is_any_left_out(self, names: tuple[str, ...], file: tuple[str, ...]) -> bool:
        return any(self._is_left_out(names[:count], file) for count in range(1, len(names) + 1))

    def _is_left_out(self, names: tuple[str, ...], file: tuple[str, ...]) -> bool:
        """Judge a folder or the file by the last rule about it, the innermost file's first."""
        for depth in range(len(names) - 1, -1, -1):
            below = tuple(map(os.fsencode, names[depth:]))
            for rule in reversed(self._rules_of(names[:depth])):
                if rule.matches(below, is_folder=names != file):
                    return rule.is_ignoring
        return False

    def _rules_of(self, folder: tuple[str, ...]) -> list[Rule]:
        if folder not in self._rules:
            found = _rules_in(self._top, "/".join((*folder, _IGNORE)))
            self._rules[folder] = found if folder else [*self._exclude, *found]
        return self._rules[folder]


def _rules_in(folder: Path, path: str) -> list[Rule]:
    content = _read(folder, path).removeprefix(b"\xef\xbb\xbf")
    rules = map(parse_rule, content.split(b"\n", _MOST_RULES)[:_MOST_RULES])
    return [rule for rule in rules if rule]


def _git_folder(top: Path) -> Path | None:
    """Return where a work tree has its index: in .git, or where the file of that name says."""
    if (top / ".git").is_dir():
        return top / ".git"
    said = _read(top, ".git")
    return top / os.fsdecode(said.removeprefix(b"gitdir:").strip()) if said else None


def _common_folder(git: Path) -> Path:
    """Return what a work tree shares with others of the same repository."""
    said = _read(git, "commondir").strip()
    return git / os.fsdecode(said) if said else git


def _tracked(git: Path) -> frozenset[bytes]:
    """Return the paths in an index; none where it cannot be read, or is of a form unknown here."""
    try:
        return frozenset(_index_names(_read(git, "index")))
    except (IndexError, ValueError):
        return frozenset()


def _index_names(index: bytes) -> Iterator[bytes]:
    version, count = (int.from_bytes(index[at : at + 4]) for at in (4, 8))
    if index[:4] != b"DIRC" or version not in (2, 3, 4):
        return
    at, name = 12, b""
    for _ in range(count):
        flags = int.from_bytes(index[at + _FIXED - 2 : at + _FIXED])
        start = at + _FIXED + (2 if flags & _EXTENDED else 0)
        kept, after = _dropped(index, start) if version == 4 else (0, start)
        end = index.index(b"\0", after)
        name = (name[: len(name) - kept] if version == 4 else b"") + index[after:end]
        yield name
        # All but the fourth version fill an entry up with zeros, one at least.
        at = end + 1 if version == 4 else end + 8 - (end - at) % 8


def _dropped(index: bytes, at: int) -> tuple[int, int]:
    """Read how much of the last name an entry does without, and where that number ends."""
    value = index[at] & 0x7F
    while index[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (index[at] & 0x7F)
    return value, at + 1


def _read(folder: Path, path: str) -> bytes:
    try:
        with Folder(folder, reads_git=True) as opened:
            return opened.read(path) or b""
    except (OSError, KvgenError, ValueError):
        return b""
