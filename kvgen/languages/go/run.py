"""Runs a Go function: compiled with a host around it, as the platform compiles it into its own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.languages.kept import run_tool
from kvgen.languages.run import BuildError
from kvgen.languages.toolchains import find_go, go_environment, look_for_go

SOURCES = (".go", ".mod", ".sum", ".s")

_HOST = Path(__file__).with_name("host.go.txt")
_PACKAGE = "kvgen_host"
# What Go says without a home folder, or with one that cannot be written to.
_NO_CACHE = (
    *("failed to initialize build cache", "build cache is required"),
    *("module cache not found", "GOMODCACHE ()"),
)
_NOT_REQUIRED = "import lookup disabled by -mod"
_NAME_ONE = "name a home folder, for example HOME=/tmp/home, or GOCACHE and GOPATH"


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Compile the function and return the command; see ``Runner``.

    The host is a package of the function's own module that only the compiler sees: nothing is
    written into the folder, and its go.mod, with what it replaces or vendors, counts.
    """
    overlay, binary = workdir / "overlay.json", workdir / "function"
    # Relative to the folder, whose own path JSON could not hold if it were not UTF-8.
    overlay.write_text(json.dumps({"Replace": {f"{_PACKAGE}/main.go": str(_HOST)}}))
    is_vendored = (folder / "vendor" / "modules.txt").is_file()
    code, output = run_tool(
        [
            *(find_go(), "build", "-overlay", overlay, "-o", binary),
            # What go.mod and go.sum say is the user's, whatever GOFLAGS says.
            f"-mod={'vendor' if is_vendored else 'readonly'}",
            # Git is not asked for a version: it may refuse the folder, and end the build.
            "-buildvcs=false",
            f"./{_PACKAGE}",
        ],
        folder,
        # In the scratch folder, or a compiler that is killed would leave its own behind.
        go_environment() | {"GOTMPDIR": str(workdir)},
    )
    if code and any(sign in output for sign in _NO_CACHE):
        raise KvgenError("Go has no place for its caches", _NAME_ONE)
    if code:
        hint = "go mod tidy adds it to go.mod" if _NOT_REQUIRED in output else None
        raise BuildError(output.strip() or "go build failed", hint)
    return [str(binary)]


def environment(port: int) -> Mapping[str, str]:
    """Return the variables that make it listen on a port; see ``Runner``."""
    return {"PORT": str(port)}


def remark(folder: Path) -> str | None:
    """Return what is to be said of the Go that is taken; see ``Runner``."""
    return look_for_go().remark
