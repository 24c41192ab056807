"""How messages show typed text. Pure."""

from collections.abc import Iterable


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` where something known is close, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(text, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def shown(text: str) -> str:
    """Quote a value for a message: what does not print made visible, cut after 60 characters."""
    return repr(text if len(text) <= 60 else text[:60] + "…")
