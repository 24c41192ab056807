"""Runs a JavaScript function: Node, with the server that the function brings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.languages.toolchains import find_node


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Return the command; see ``Runner``."""
    return [str(find_node()), "index.js"]


def environment(port: int) -> Mapping[str, str]:
    """Return the variables that make it listen on a port; see ``Runner``."""
    return {"HOST": "127.0.0.1", "PORT": str(port)}
