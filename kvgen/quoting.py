"""What every literal filter is made of; imports nothing of kvgen. Pure.

All output is printable ASCII, so that neither an encoding nor a bidirectional mark nor a line
separator that one language knows and another does not can change what a reader sees.
"""

import re
from collections.abc import Callable

_NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r"\\|[^ -~]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Literal(str):
    """Text that is fit to be printed into a file as it is."""

    __slots__ = ()


def quoted(text: str, quote: str, escape: Callable[[int], str]) -> Literal:
    """Put a text between quotes; ``escape`` writes what is not printable ASCII, by code point."""

    def one(special: re.Match[str]) -> str:
        return _NAMED.get(special[0]) or escape(ord(special[0]))

    inside = _SPECIAL.sub(one, without_surrogates(text)).replace(quote, f"\\{quote}")
    return Literal(quote + inside + quote)


def preferred_quote(text: str) -> str:
    """Return the quote that needs fewer escapes; double quotes if both need the same."""
    return "'" if text.count('"') > text.count("'") else '"'


def utf16_escape(point: int) -> str:
    """Write a code point as one or two of ``\\uXXXX``."""
    units = chr(point).encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def rune_escape(point: int) -> str:
    """Write a code point as ``\\uXXXX`` or ``\\UXXXXXXXX``."""
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def without_surrogates(text: str) -> str:
    """Return the text; raises ValueError for half a surrogate pair, which is not a character."""
    if _SURROGATE.search(text):
        raise ValueError("half of a surrogate pair is not a character")
    return text
