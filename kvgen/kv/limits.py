"""The service's limits, and the checks that follow from them. Pure; the source is platform.md."""

import re

from kvgen.kv.decisions import RESERVED_PREFIX

LONGEST_KEY = 256  # characters
LARGEST_VALUE = 1_048_576  # bytes
LONGEST_TTL = 9_223_372_036  # seconds
LONGEST_NAME = 255  # characters of a namespace's name
MOST_KEYS = 1000  # of one page, and what a page holds where nothing is asked for
MOST_NAMESPACES = 250  # of one page
USUAL_NAMESPACES = 20  # of one page where nothing is asked for

_KEY = re.compile(r"[-/_=.a-zA-Z0-9]+")
_NAME = re.compile(r"[a-z0-9-]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INTEGER = re.compile(r"[0-9]{1,18}")


def key_problem(key: str) -> str | None:
    """Say what is wrong with a key, or None."""
    if not _KEY.fullmatch(key):
        return "A key has one or more of the characters - / _ = . a-z A-Z 0-9."
    if len(key) > LONGEST_KEY:
        return f"A key has at most {LONGEST_KEY} characters."
    if key.startswith(RESERVED_PREFIX):
        return f"Keys that start with {RESERVED_PREFIX} are reserved."
    # Segments . and .. are legal, though a client that does not encode slashes cannot reach them.
    return None


def is_namespace_name(name: object) -> bool:
    """Whether a namespace may be called this."""
    return isinstance(name, str) and len(name) <= LONGEST_NAME and bool(_NAME.fullmatch(name))


def is_uuid(text: str) -> bool:
    """Whether a namespace's id can be this."""
    return bool(_UUID.fullmatch(text))


def positive_integer(text: str, most: int) -> int | None:
    """Read a decimal integer from 1 to ``most``; None for anything else."""
    value = int(text) if _INTEGER.fullmatch(text) else 0
    return value if 1 <= value <= most else None
