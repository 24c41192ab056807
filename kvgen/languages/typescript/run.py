"""Runs a TypeScript function as it stands: a Node that takes the types away by itself."""

from collections.abc import Sequence
from pathlib import Path

from kvgen.languages.javascript.run import SOURCES, environment, refuse_other_paths
from kvgen.languages.toolchains import find_node, look_for_node

__all__ = ["SOURCES", "build", "environment", "remark"]

STRIPS_TYPES = (22, 18)  # from this Node on, without a flag


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Return the command; see ``Runner``."""
    refuse_other_paths(folder)
    # Some releases call it an experiment at every start.
    node = str(find_node(STRIPS_TYPES))
    return [node, "--disable-warning=ExperimentalWarning", "index.ts"]


def remark() -> str | None:
    """Return what is to be said of the Node that is taken; see ``Runner``."""
    return look_for_node(STRIPS_TYPES).remark
