"""Bar charts as plain SVG, drawn from the figures alone, so that the same figures give the same
file. Every colour is one that reads on white and on GitHub's dark background."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_TEXT = "#717b86"
_COLOURS = {"kvgen": "#2f81f7", "other": "#8b949e", "limit": "#3fb950", "page": "#d29922"}
_FONT = "-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"

_WIDTH = 760
_LABEL = 190  # where bars begin
_BARS = 420  # the longest bar
_ROW = 26
_TOP = 46


@dataclass(frozen=True)
class Bar:
    """One bar; a label of "" continues the group above, ``kind`` is its colour."""

    label: str
    value: float
    shown: str
    kind: str = "other"


def chart(title: str, bars: Sequence[Bar], legend: Sequence[tuple[str, str]] = ()) -> str:
    """Return an SVG of horizontal bars, as long as their values; ``legend`` has kinds and words."""
    longest = max(bar.value for bar in bars)
    rows = []
    y = _TOP + (24 if legend else 0)
    for number, bar in enumerate(bars):
        y += 10 if bar.label and number and legend else 0
        rows.append(_bar(bar, y, max(2.0, _BARS * bar.value / longest)))
        y += _ROW
    height = y + 10
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="{_FONT}" font-size="13" fill="{_TEXT}">'
    )
    heading = f'<text x="8" y="24" font-size="15" font-weight="600">{escape(title)}</text>'
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", heading, *_legend(legend), *rows, "</svg>\n"]
    )


def _bar(bar: Bar, y: int, length: float) -> str:
    return (
        f'<text x="{_LABEL - 10}" y="{y + 14}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect x="{_LABEL}" y="{y}" width="{length:.1f}" height="18" rx="3" '
        f'fill="{_COLOURS[bar.kind]}"/>'
        f'<text x="{_LABEL + length + 8:.1f}" y="{y + 14}">{escape(bar.shown)}</text>'
    )


def _legend(legend: Sequence[tuple[str, str]]) -> list[str]:
    parts, x = [], 8
    for kind, words in legend:
        parts.append(
            f'<rect x="{x}" y="40" width="12" height="12" rx="3" fill="{_COLOURS[kind]}"/>'
            f'<text x="{x + 18}" y="51">{escape(words)}</text>'
        )
        x += 34 + 7 * len(words)
    return parts
