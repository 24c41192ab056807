"""Templates that change, as they do from one kvgen to the next."""

import os
import re
import shutil
from pathlib import Path

from kvgen.scaffold.catalog import load_pattern, templates_root

PATTERN, LANGUAGE = "session", "go"
_FILES = ("README.md.j2", "handler.go.j2", "session.go", "go.mod")
_HOLE = re.compile(r"\{[{%#]")


class Templates:
    """The session pattern in Go, in a folder of its own.

    Every change makes a new folder: what was read from the old one may be remembered.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._count = 0
        self.root = place / "0"
        for name in (PATTERN, "_shared"):
            _borrow(templates_root() / name, self.root / name)
        # Few files and long ones make for histories in which much meets.
        self._declare(lambda files: [file for file in files if file.endswith(_FILES)])

    def targets(self) -> list[str]:
        """Return the paths that are made at the moment."""
        return [file.target for file in load_pattern(PATTERN, self.root).files[LANGUAGE]]

    def insert(self, target: str, position: int, line: str) -> None:
        """Put a line before the one at a position, which counts around."""
        lines = self._lines(target)
        lines.insert(position % (len(lines) + 1), f"{line}\n")
        self._next(target, lines)

    def remove(self, target: str, position: int) -> None:
        """Drop the line at a position, unless it has a hole."""
        lines = self._lines(target)
        number = position % len(lines)
        if len(lines) > 1 and not _HOLE.search(lines[number]):
            del lines[number]
            self._next(target, lines)

    def add(self, target: str, text: str) -> None:
        """Make one more file."""
        source = f"{PATTERN}/{LANGUAGE}/{target}"
        self._fork()
        (self.root / source).parent.mkdir(parents=True, exist_ok=True)
        _write(self.root / source, text)
        self._declare(lambda files: [*files, source])

    def drop(self, target: str) -> None:
        """Make a file no longer; the handler stays, since a pattern needs one."""
        source = self._source(target)
        if target != "handler.go":
            self._fork()
            self._declare(lambda files: [file for file in files if file != source])

    def _source(self, target: str) -> str:
        files = load_pattern(PATTERN, self.root).files[LANGUAGE]
        return next(file.source for file in files if file.target == target)

    def _lines(self, target: str) -> list[str]:
        return (self.root / self._source(target)).read_text().splitlines(keepends=True)

    def _next(self, target: str, lines: list[str]) -> None:
        source = self._source(target)
        self._fork()
        _write(self.root / source, "".join(lines))

    def _fork(self) -> None:
        self._count += 1
        old, self.root = self.root, self._place / str(self._count)
        shutil.copytree(old, self.root, symlinks=True, copy_function=os.link)
        shutil.rmtree(old)

    def _declare(self, change) -> None:
        manifest = self.root / PATTERN / "pattern.toml"
        before, language, after = manifest.read_text().partition(f"[languages.{LANGUAGE}]\n")
        files = change(re.findall(r'^  "(.*)",$', after, flags=re.MULTILINE))
        listed = "".join(f'  "{file}",\n' for file in files)
        _write(manifest, f'{before}{language}handler = "handler.go"\nfiles = [\n{listed}]\n')


def _write(place: Path, text: str) -> None:
    """Write a file that may have another name in an older folder."""
    place.unlink(missing_ok=True)
    place.write_text(text)


def _borrow(source: Path, target: Path) -> None:
    """Copy a folder, but for what belongs to other languages: links do for that."""
    target.mkdir(parents=True)
    for entry in source.iterdir():
        if entry.name == LANGUAGE:
            shutil.copytree(entry, target / entry.name)
        elif entry.is_dir():
            (target / entry.name).symlink_to(entry)
        else:
            shutil.copy(entry, target)
