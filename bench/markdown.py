"""Tables in Markdown, and figures as people read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: the first column to the left, the others to the right."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *rows))


def number(value: float) -> str:
    """Write a figure with three digits that count, and no more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def flat(figures: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each figure of a nested structure with its path; of several, the median and range."""
    if isinstance(figures, Mapping):
        for name, below in figures.items():
            yield from flat(below, f"{path}, {name}" if path else name)
    elif isinstance(figures, list) and all(isinstance(each, int | float) for each in figures):
        middle = sorted(figures)[len(figures) // 2]
        yield path, f"{number(middle)} ({number(min(figures))} to {number(max(figures))})"
    elif isinstance(figures, list):
        for place, below in enumerate(figures, start=1):
            yield from flat(below, f"{path}, {place}")
    else:
        yield path, number(figures) if isinstance(figures, int | float) else str(figures)
