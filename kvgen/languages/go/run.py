"""Runs a Go function: compiled with a host around it, as the platform compiles it into its own."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.languages.run import BuildError
from kvgen.languages.toolchains import find_go, go_environment

_HOST = Path(__file__).with_name("host.go.txt")
_PACKAGE = "kvgen_host"


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Compile the function and return the command; see ``Runner``.

    The host is a package of the function's own module that only the compiler sees: nothing is
    written into the folder, and its go.mod, with what it replaces or vendors, counts.
    """
    overlay, binary = workdir / "overlay.json", workdir / "function"
    place = folder.resolve() / _PACKAGE / "main.go"
    overlay.write_text(json.dumps({"Replace": {str(place): str(_HOST)}}))
    done = subprocess.run(
        [find_go(), "build", "-overlay", overlay, "-o", binary, f"./{_PACKAGE}"],
        cwd=folder,
        env=go_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(done.stderr.strip() or "go build failed")
    return [str(binary)]


def environment(port: int) -> Mapping[str, str]:
    """Return the variables that make it listen on a port; see ``Runner``."""
    return {"PORT": str(port)}
