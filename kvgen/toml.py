"""TOML that anybody may have written, read in time that grows with its length and no faster."""

import re
import tomllib
from typing import Any

_MOST_PARTS = 100
# The library copies what it has of a key for each further part.
_LONG_KEY = re.compile(
    rf"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_MOST_PARTS}}}"""
)


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables; raises ValueError if they are not right, RecursionError if too deep."""
    if text.count(".") >= _MOST_PARTS and (match := _LONG_KEY.search(text)):
        line = text.count("\n", 0, match.start()) + 1
        raise ValueError(f"a key has more than {_MOST_PARTS} parts (at line {line}, column 1)")
    return tomllib.loads(text)
