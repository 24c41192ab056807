"""Finds the lines of a manifest's values, since its parser gives no lines. Pure."""

import re
from typing import Any

from kvgen.toml import read_toml


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML; raises ValueError if it is malformed or nested too deeply."""
    try:
        return read_toml(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def toml_line(text: str, table: str, key: str | None = None) -> int | None:
    """Return the line of a table's header, or of a key in that table; None if it is not found.

    The root is the table ``""``. Keys that are written with dots, or in braces, are not found.
    """
    here = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\[?\s*([^\[\]]+?)\s*\]", line)
        if header:
            here = header[1].replace('"', "")
            if here == table and key is None:
                return number
        elif here == table and key is not None and re.match(_key_pattern(key), line):
            return number
    return None


def json_line(text: str, key: str) -> int | None:
    """Return the line on which a member's name stands first; None if it is not found."""
    match = re.search(rf'"{re.escape(key)}"\s*:', text)
    return text.count("\n", 0, match.start()) + 1 if match else None


def error_line(message: str) -> int | None:
    """Return the line that a parser names in its complaint."""
    match = re.search(r"line (\d+)", message)
    return int(match[1]) if match else None


def _key_pattern(key: str) -> str:
    return rf"""\s*(["']?){re.escape(key)}\1\s*="""
