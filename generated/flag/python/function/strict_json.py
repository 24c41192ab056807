"""JSON as the other languages have it: Python's own reader and writer allow more."""

import json
import math
import re
from typing import Any, TypeGuard

LARGEST_INTEGER = 2**53
DEEPEST = 100  # levels; far from where Python's own reader or writer gives up

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]')


def parse_json(text: str) -> Any:
    """Parse JSON; ValueError for what is none, for NaN, and for too deep a nesting.

    A number beyond the range of a double becomes None.
    """
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise ValueError("nested too deep")
    return json.loads(
        text,
        parse_constant=_refuse,
        parse_float=_parse_float,
        parse_int=_parse_int,
    )


def encode_json(value: Any) -> str:
    """Write compact JSON that is always valid UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Half of a surrogate pair has no UTF-8: it stays an escape.
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def is_integer(value: object) -> TypeGuard[float]:
    """Tell whether a parsed value is an integral number of at most 2**53."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return float(value).is_integer() and abs(float(value)) <= LARGEST_INTEGER


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in _TOKENS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _parse_int(digits: str) -> float | None:
    # Python refuses to read endless digits as an int.
    return int(digits) if len(digits) < 20 else _parse_float(digits)


def _parse_float(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None
