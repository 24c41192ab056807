"""Holds a Go function to its entry point: handler.go, and go.mod around it."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.check.tools import run_tool
from kvgen.languages.toolchains import find_go
from kvgen.scaffold.words import shown

ENTRY = "handler.go"
MODULE = "go.mod"

_MODULE_NAME = "function"
_GO = "1.24"
_SHAPE = "func Handle(w http.ResponseWriter, r *http.Request)"
_MOST_COMPLAINTS = 10
_PLACE = re.compile(r"(?:\./)?(?P<path>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?P<message>.+)")
_PACKAGES = re.compile(r"found packages (.+?) in ")
#: A file that only the compiler sees in the package: it holds Handle to its shape.
_PROBE = "kvgen_check_handle.go"
_PROBE_TEXT = """package function

import "net/http"

var _ http.HandlerFunc = Handle
"""


def check(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with go.mod, and a handler.go that is missing or cannot be read."""
    yield from _check_module(sources)
    if sources.text(ENTRY) is None and not sources.has(ENTRY):
        fix = f"it says `package function` and has {_SHAPE}"
        yield broken("go-entry", ENTRY, None, "does not exist", fix)


def check_with_tool(sources: Sources) -> Iterator[Finding]:
    """Yield what the compiler says of the package; raises KvgenError where there is no Go.

    The package is compiled with one more file, which exists in the compiler's view alone.
    """
    go = find_go()
    if not (sources.root / MODULE).is_file() or sources.text(ENTRY) is None:
        return
    root = sources.root.resolve()
    with tempfile.TemporaryDirectory(prefix="kvgen-check-") as scratch:
        probe, overlay = Path(scratch, _PROBE), Path(scratch, "overlay.json")
        probe.write_text(_PROBE_TEXT)
        overlay.write_text(json.dumps({"Replace": {str(root / _PROBE): str(probe)}}))
        command: list[str | Path] = [go, "build", "-overlay", overlay, "-o", os.devnull, "."]
        done = run_tool(command, root, _environment(root))
    if done.returncode:
        yield from _complaints(done.stderr)


def _environment(root: Path) -> dict[str, str]:
    # Nothing is fetched, no C compiler is run, and nothing is written into the folder.
    is_vendored = (root / "vendor" / "modules.txt").is_file()
    return {
        **os.environ,
        "CGO_ENABLED": "0",
        # Stamping a version would ask git, whose settings can name programs to run.
        "GOFLAGS": f"-mod={'vendor' if is_vendored else 'readonly'} -buildvcs=false",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


def _complaints(stderr: str) -> Iterator[Finding]:
    if packages := _PACKAGES.search(stderr):
        named = re.findall(r"(\w+) \((.+?)\)", packages[1])
        for package, path in (found for found in named if found[0] != _MODULE_NAME):
            message = f"is package {package}"
            yield broken("go-package", path, None, message, "it has to be `package function`")
        return
    matches = [_PLACE.match(line) for line in stderr.splitlines()]
    found = [match for match in matches if match and "GOPROXY=off" not in match["message"]]
    own = [match for match in found if Path(match["path"]).name != _PROBE]
    for match in own[:_MOST_COMPLAINTS]:
        line = int(match["line"])
        yield broken("go-build", match["path"], line, match["message"], "correct the line")
    if not own and found:
        is_missing = found[0]["message"].startswith("undefined")
        message = (
            "there is no func Handle"
            if is_missing
            else "Handle has other parameters or results than the platform's"
        )
        yield broken("go-handle", ENTRY, None, message, f"it has to be {_SHAPE}")
    if not found:
        last = stderr.strip().splitlines() or ["go build failed"]
        yield broken("not-run", ".", None, f"not built: {last[-1].strip()}", "see what Go says")


def _check_module(sources: Sources) -> Iterator[Finding]:
    text = sources.text(MODULE)
    if text is None:
        if not sources.has(MODULE):
            fix = "it says `module function` and `go 1.24`"
            yield broken("go-module", MODULE, None, "does not exist", fix)
        return
    said = _directives(text)
    name, line = said.get("module", (None, None))
    if name != _MODULE_NAME:
        message = f"is module {shown(name)}" if name else "has no module line"
        yield broken("go-module", MODULE, line, message, "it has to be `module function`")
    version, line = said.get("go", (None, None))
    if version is None or f"{version}.".removeprefix(f"{_GO}.") == f"{version}.":
        message = f"asks for go {shown(version)}" if version else "has no go line"
        yield broken("go-version", MODULE, line, message, f"it has to be `go {_GO}`")


def _directives(text: str) -> dict[str, tuple[str, int]]:
    """Return the word after each directive of a go.mod that stands on one line, with its line."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("//")[0].split()
        if len(words) == 2:
            found.setdefault(words[0], (words[1].strip('"`'), number))
    return found
