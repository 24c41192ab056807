"""Help for a terminal of any width: a line is broken between its words, and nowhere else."""

import sys
from collections.abc import Iterable

import click

from kvgen.cli.wrapping import said_width, width_of, wrapped

_HELD = "\u2011"  # a hyphen at which no line is broken
_USUAL, _LEAST, _ROOMY = 80, 20, 70  # columns


class Formatter(click.HelpFormatter):
    """click's own needs 50 columns, breaks words at hyphens, and breaks no line of an example."""

    def __init__(self) -> None:
        self._columns = width_of(sys.stdout) or said_width() or _USUAL
        super().__init__(width=max(min(self._columns - 2, _USUAL), _LEAST))

    def write(self, string: str) -> None:
        super().write(wrapped(string.replace(_HELD, "-"), self._columns))

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _HELD))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        most = col_max if self.width >= _ROOMY else self.width // 5
        held = [(term, text.replace("-", _HELD)) for term, text in rows]
        super().write_dl(held, most, col_spacing)
