"""Runs a JavaScript function: Node, with the server that the function brings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.languages.toolchains import find_node, look_for_node

SOURCES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".node", ".wasm")


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Return the command; see ``Runner``."""
    refuse_other_paths(folder)
    return [str(find_node()), "index.js"]


def refuse_other_paths(folder: Path) -> None:
    """Raise KvgenError for a folder in which Node would find nothing."""
    try:
        str(folder).encode("utf-8")
    except UnicodeEncodeError:
        message = f"Node cannot read {folder}: its path is not UTF-8"
        raise KvgenError(message, "rename the folder, or move the function") from None


def environment(port: int) -> Mapping[str, str]:
    """Return the variables that make it listen on a port; see ``Runner``."""
    return {"HOST": "127.0.0.1", "PORT": str(port)}


def remark(folder: Path) -> str | None:
    """Return what is to be said of the Node that is taken; see ``Runner``."""
    return look_for_node().remark
