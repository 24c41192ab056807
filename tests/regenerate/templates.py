"""Templates that change, as they do from one kvgen to the next."""

import os
import re
import shutil
from pathlib import Path

from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import load_pattern, shared_files
from kvgen.scaffold.roots import Templates as Lookup
from tests.unit.catalog import only, write_catalog

PATTERN, LANGUAGE = "count", "go"
OTHERS = ("mark", "note")  # patterns that can be added

_HOLE = re.compile(r"\{[{%#]")
_CHANGING = ("README.md", "kv.go", "handler.go")  # besides the parts; manifests stay readable
_LINES = 12


class Templates:
    """The tests' own catalog in a folder of its own, its texts longer.

    Every change makes a new folder: what was read from the old one may be remembered.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._count = 0
        self.root = write_catalog(place / "0", [BY_NAME[LANGUAGE]])
        for target in self.targets():
            source = self.root / self._sources()[target]
            lines = [f"line {number} of {target}\n" for number in range(_LINES)]
            source.write_text(source.read_text() + "".join(lines))

    @property
    def known(self) -> Lookup:
        """Where to look for its patterns, and nowhere else."""
        return only(self.root)

    def targets(self) -> list[str]:
        """Return the paths of the templates that may change."""
        return sorted(self._sources())

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
        self._fork()
        place = self.root / PATTERN / LANGUAGE / target
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, text)
        self._declare(list(dict.fromkeys([*self._parts(), target])))

    def drop(self, target: str) -> None:
        """Make a file of all functions, or of the pattern's, no longer; a handler there must be."""
        source = self._sources()[target]
        if source.startswith("_shared/"):
            self._fork()
            (self.root / source).unlink()
        elif source.startswith(f"{PATTERN}/") and target != "handler.go":
            self._fork()
            parts = [part for part in self._parts() if part.removesuffix(".j2") != target]
            self._declare(parts)

    def _sources(self) -> dict[str, str]:
        patterns = [load_pattern(name, self.known) for name in (PATTERN, *OTHERS)]
        files = [file for pattern in patterns for file in pattern.languages[LANGUAGE].parts]
        more = [*patterns[0].languages[LANGUAGE].function, *shared_files(LANGUAGE, self.known)]
        files += [file for file in more if file.target in _CHANGING]
        return {file.target: file.source for file in files}

    def _parts(self) -> list[str]:
        parts = load_pattern(PATTERN, self.known).languages[LANGUAGE].parts
        return [file.source.removeprefix(f"{PATTERN}/{LANGUAGE}/") for file in parts]

    def _lines(self, target: str) -> list[str]:
        return (self.root / self._sources()[target]).read_text().splitlines(keepends=True)

    def _next(self, target: str, lines: list[str]) -> None:
        source = self._sources()[target]
        self._fork()
        _write(self.root / source, "".join(lines))

    def _fork(self) -> None:
        self._count += 1
        old, self.root = self.root, self._place / str(self._count)
        shutil.copytree(old, self.root, symlinks=True, copy_function=os.link)
        shutil.rmtree(old)

    def _declare(self, parts: list[str]) -> None:
        manifest = self.root / PATTERN / "pattern.toml"
        before, header, after = manifest.read_text().partition(f"[languages.{LANGUAGE}]\n")
        listed = ", ".join(f'"{part}"' for part in parts)
        _write(manifest, before + header + re.sub(r"parts = \[.*\]", f"parts = [{listed}]", after))


def _write(place: Path, text: str) -> None:
    """Write a file that may have another name in an older folder."""
    place.unlink(missing_ok=True)
    place.write_text(text)
