"""Which files git ignores, told from the ignore files and without git.

A build writes sources too (`dist/*.js`, `coverage/*.json`), and .gitignore is where a project says
so. The rules (anchors, `**`, negation) are a library's: pathspec, which is all Python and depends
on nothing. Git itself would read the settings of a stranger's repository, which can name programs.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

_RULES = ".gitignore"
_REPOSITORY = ".git"
_LONGEST = 2**20  # bytes; a longer file is no list of patterns


class IgnoreRules:
    """The rules for a function's folder as they are now; each file is read when it first counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._specs: dict[Path, GitIgnoreSpec] = {}
        self._outer = list(_places_above(folder))
        # They may ignore the folder as a whole, and then tell nothing within it apart.
        if self._is_ignored(folder, "/"):
            self._outer = []

    def ignore(self, path: str) -> bool:
        """Return whether a file, by its path in the folder, is ignored, or a folder on the way."""
        file = self._folder / path
        on_the_way = [p for p in file.parents if p != self._folder and self._holds(p)]
        return self._is_ignored(file) or any(self._is_ignored(p, "/") for p in on_the_way)

    def _is_ignored(self, path: Path, ending: str = "") -> bool:
        """Whether the nearest rules that say something of a path ignore it."""
        within = [place for place in path.parents if self._holds(place)]
        for place in (*within, *self._outer):
            if place not in self._specs:
                rules = filter(_is_rule, _lines(place / _RULES))
                self._specs[place] = GitIgnoreSpec.from_lines(rules)
            verdict = self._specs[place].check_file(str(path.relative_to(place)) + ending)
            if verdict.include is not None:
                return verdict.include
        return False

    def _holds(self, place: Path) -> bool:
        return place.is_relative_to(self._folder)


def _places_above(folder: Path) -> Iterator[Path]:
    """Yield the folders above this one, up to the top of its repository; none without one."""
    tops = [place for place in (folder, *folder.parents) if (place / _REPOSITORY).exists()]
    if tops:
        yield from (place for place in folder.parents if place.is_relative_to(tops[0]))


def _lines(file: Path) -> Iterator[str]:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return
    with open(descriptor, "rb") as opened:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            yield from opened.read(_LONGEST).decode("utf-8-sig", "replace").splitlines()


def _is_rule(line: str) -> bool:
    """Whether the library can read a line: git takes one that makes no sense for no rule."""
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
