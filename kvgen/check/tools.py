"""Runs a language's own tool on a copy of a folder; no code of the folder runs."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from kvgen.files.temporary import temporary_folder

PATIENCE = 300  # seconds; a first build compiles Go's own library
_LONGEST = 200  # characters of what a tool says that are passed on


@contextlib.contextmanager
def copied(contents: Mapping[str, bytes]) -> Iterator[Path]:
    """Yield a folder with these files alone: no link leads out of it, and none changes."""
    with temporary_folder("check") as scratch:
        root = scratch / "function"
        root.mkdir()
        for path, content in contents.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield root


def trimmed(message: str) -> str:
    """Cut what a tool says to a length that a report can have."""
    return message if len(message) <= _LONGEST else message[:_LONGEST] + "…"
