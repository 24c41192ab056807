"""Long lines for a narrow terminal: broken between words, and continued below their last column."""

import re
import shutil
from typing import TextIO

from click import unstyle

_GAP = re.compile(r" {2,}")  # between the columns of a table, or before an indented line
_BEFORE = 0.6  # of the width, where a column must begin for its text to continue below it


def width_of(stream: TextIO | None) -> int | None:
    """Return how many columns a terminal has, or None for what is no terminal."""
    if stream is None or not stream.isatty():
        return None
    return shutil.get_terminal_size().columns


def wrapped(text: str, width: int | None) -> str:
    """Return a text whose lines fit the width, as far as their words do; whole without a width."""
    if width is None:
        return text
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    if len(unstyle(line)) <= width:
        return line
    indent = " " * _column(unstyle(line), width)
    start = line[: len(line) - len(line.lstrip(" "))]
    lines, current = [], start
    for word in line.removeprefix(start).split(" "):
        joined = f"{current} {word}" if current.strip() else f"{current}{word}"
        if current.strip() and len(unstyle(joined).rstrip()) > width:
            lines.append(current.rstrip())
            joined = f"{indent}{word}"
        current = joined
    return "\n".join([*lines, current])


def _column(line: str, width: int) -> int:
    """Return where the last column of a line begins that leaves room for its text."""
    columns = [gap.end() for gap in _GAP.finditer(line) if gap.end() <= width * _BEFORE]
    return columns[-1] if columns else 2
