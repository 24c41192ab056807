"""Long lines for a narrow terminal: broken between words, and continued below their last column."""

import os
import re
from typing import TextIO

from click import unstyle

_GAP = re.compile(r" {2,}")  # between the columns of a table, or before an indented line
_BEFORE = 0.6  # of the width, where a column must begin for its text to continue below it


def width_of(stream: TextIO | None) -> int | None:
    """Return how many columns a terminal has; None if it is not a terminal or does not say."""
    if stream is None or not stream.isatty():
        return None
    return said_width() or os.get_terminal_size(stream.fileno()).columns or None


def said_width() -> int | None:
    """Return the columns that the environment asks for."""
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() else None


def wrapped(text: str, width: int | None) -> str:
    """Return a text whose lines fit the width, as far as their words do; whole without a width."""
    if width is None:
        return text
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    if len(unstyle(line)) <= width:
        return line
    line = line.rstrip(" ")
    indent = " " * _column(unstyle(line), width)
    start = line[: len(line) - len(line.lstrip(" "))]
    lines, current = [], start
    for word in line.removeprefix(start).split(" "):
        joined = f"{current} {word}" if current.strip() else f"{current}{word}"
        if current.strip() and len(unstyle(joined).rstrip()) > width:
            lines.append(current.rstrip())
            room = max(0, width - len(unstyle(word)))
            joined = f"{indent[:room]}{word}"
        current = joined
    return "\n".join([*lines, current])


def _column(line: str, width: int) -> int:
    """Return where the last column of a line begins that leaves room for its text."""
    columns = [gap.end() for gap in _GAP.finditer(line) if gap.end() <= width * _BEFORE]
    return columns[-1] if columns else 2
