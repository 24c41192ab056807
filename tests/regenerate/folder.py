"""A generated folder and the user who works in it, with what they wrote, to be looked for."""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

OWN = ("kvgen.toml", "kvgen.lock")


@dataclass
class Folder:
    """``words`` are the lines that the user wrote, each unlike any other, and ``whole`` the files
    that are the user's alone, byte for byte; ``cut`` are kvgen's lines that the user took out."""

    path: Path
    whole: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, set[bytes]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    count: int = 0

    def files(self) -> dict[str, bytes]:
        """Return every file that is no scratch of kvgen's, by its path."""
        found = {}
        for place, folders, names in os.walk(self.path):
            folders[:] = [name for name in folders if ".kvgen-" not in name]
            for name in names:
                file = Path(place, name)
                found[str(file.relative_to(self.path))] = file.read_bytes()
        return found

    def times(self) -> dict[str, tuple[int, int]]:
        """Return when each file and folder was changed last, and its mode."""
        paths = [self.path, *self.path.rglob("*")]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_mode) for path in paths}

    def modes(self) -> dict[str, int]:
        return {path: (self.path / path).stat().st_mode for path in self.files()}

    def words(self) -> Counter[bytes]:
        """Count the lines of the user's over all files."""
        lines = (line for text in self.files().values() for line in text.splitlines())
        return Counter(line for line in lines if b"user-" in line)

    def word(self) -> bytes:
        self.count += 1
        return b"user-%d" % self.count

    def pick(self, number: int) -> str | None:
        """Choose one of the files that kvgen makes and that are there."""
        paths = sorted(self.files().keys() - self.whole.keys() - set(OWN))
        return paths[number % len(paths)] if paths else None

    def write_line(self, path: str, position: int) -> None:
        content = (self.path / path).read_bytes()
        lines = content.splitlines(keepends=True)
        end = b"\r\n" if b"\r\n" in content else b"\n"
        number = position % (len(lines) + 1)
        if number == len(lines) and lines and not lines[-1].endswith(b"\n"):
            lines[-1] += end
        lines.insert(number, self.word() + end)
        (self.path / path).write_bytes(b"".join(lines))

    def cut_line(self, path: str, position: int) -> None:
        lines = (self.path / path).read_bytes().splitlines(keepends=True)
        if lines:
            line = lines.pop(position % len(lines))
            (self.path / path).write_bytes(b"".join(lines))
            if b"kvgen-" in line and b"user-" not in line:
                self.cut.setdefault(path, set()).add(line.strip())

    def rewrite(self, path: str, content: bytes) -> None:
        (self.path / path).write_bytes(content)
        self.cut.pop(path, None)

    def remove(self, path: str, known: bool) -> None:
        (self.path / path).unlink()
        self.cut.pop(path, None)
        if known:
            self.removed.add(path)

    def rename(self, path: str, known: bool) -> None:
        content = (self.path / path).read_bytes()
        target = self.word().decode() + ".txt"
        (self.path / target).write_bytes(content)
        self.remove(path, known)
        self.whole[target] = content
