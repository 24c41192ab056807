"""Runs a TypeScript function as it stands: a Node that takes the types away by itself."""

import re
from collections.abc import Sequence
from pathlib import Path

from kvgen.languages.javascript.run import SOURCES, environment, refuse_other_paths
from kvgen.languages.toolchains import find_node, look_for_node

__all__ = ["SOURCES", "build", "environment", "remark"]

STRIPS_TYPES = (22, 18)  # from this Node on, without a flag

_STAND_IN = "local.mjs"
_BOUND = re.compile(r"^\[storage\.kv\.", re.MULTILINE)


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Return the command; see ``Runner``."""
    refuse_other_paths(folder)
    # Some releases call it an experiment at every start.
    node = str(find_node(STRIPS_TYPES))
    stand_in = ["--import", f"./{_STAND_IN}"] if _has_stand_in(folder) else []
    return [node, "--disable-warning=ExperimentalWarning", *stand_in, "index.ts"]


def _has_stand_in(folder: Path) -> bool:
    """Whether the KV is bound, and the folder has what stands for the platform's runtime."""
    stand_in, manifest = folder / _STAND_IN, folder / "func.toml"
    if not (stand_in.is_file() and manifest.is_file()):
        return False
    return _BOUND.search(manifest.read_text(encoding="utf-8", errors="replace")) is not None


def remark(folder: Path) -> str | None:
    """Return what is to be said of the Node that is taken; see ``Runner``."""
    return look_for_node(STRIPS_TYPES).remark
