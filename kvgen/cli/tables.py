"""Plain tables and short texts for sizes and spans of time."""

from collections.abc import Sequence

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows in columns as wide as their longest cell, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in rows
    )


def bytes_text(size: int) -> str:
    """Return a size as people read it: ``17 B``, ``1.5 KiB``, ``1.0 MiB``."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KiB" if size < 1024**2 else f"{size / 1024**2:.1f} MiB"


def span_text(seconds: float) -> str:
    """Return a span in its two largest units: ``1d 3h``, ``59s``."""
    left = max(0, int(seconds))
    parts = []
    for size, unit in _UNITS:
        if left >= size:
            parts.append(f"{left // size}{unit}")
            left %= size
    return " ".join(parts[:2]) or "0s"
