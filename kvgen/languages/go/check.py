"""Checks the entry point of a Go function, handler.go, and its go.mod."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.check.tools import PATIENCE, copied, trimmed
from kvgen.files.folder import LARGEST
from kvgen.languages.kept import run_tool
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
_REPLACED = re.compile(r"=>[ \t]*[\"`]?(?P<place>(?:\.{1,2}|/)[^\s\"`]*)")
#: Files that the compiler reads; of other files it only needs to know that they exist.
_READ = frozenset({".go", ".s", ".S", ".h", ".mod", ".sum"})
_VENDORED = "vendor/modules.txt"
_ASSEMBLY = (".s", ".S", ".h")
#: A file that only the compiler sees in the package: it checks the type of Handle.
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
    """Yield what the compiler says of the package; raises KvgenError if there is no Go.

    A copy of the package is compiled, with one more file.
    """
    go = find_go(apart_from=sources.root)
    module = sources.text(MODULE)
    if module is None or not sources.has(ENTRY):
        return
    if outside := [m["place"] for m in _REPLACED.finditer(module) if _leads_out(m["place"])]:
        message = f"not built: go.mod takes a module from {shown(outside[0])}"
        yield broken("not-run", MODULE, None, message, "put a copy into the folder")
        return
    contents = {path: _compiled(sources, path) for path in sources.paths}
    if sources.problems:
        message = "not built: not every file can be read"
        yield broken("not-run", ".", None, message, "see to the other findings first")
        return
    with copied({**contents, _PROBE: _PROBE_TEXT.encode()}) as root:
        is_vendored = _VENDORED in contents
        # In the scratch folder, or a compiler that is killed would leave its own behind.
        environment = _environment(is_vendored) | {"GOTMPDIR": str(root.parent)}
        build: list[str | Path] = [go, "build", "-o", os.devnull, "."]
        code, output = run_tool(build, root, environment, PATIENCE)
    if code:
        yield from _complaints(output, sources)


def _compiled(sources: Sources, path: str) -> bytes:
    """Return what the compiler has to read of a file."""
    if path != _VENDORED and PurePosixPath(path).suffix not in _READ:
        return b""
    return sources.content(path, LARGEST) or b""


def _leads_out(place: str) -> bool:
    return place.startswith("/") or os.path.normpath(place).startswith("..")


def _environment(is_vendored: bool) -> dict[str, str]:
    # Nothing is fetched, no C compiler is run, and nothing is written into the folder.
    return {
        **os.environ,
        "CGO_ENABLED": "0",
        # Stamping a version would ask git, whose settings can name programs to run.
        "GOFLAGS": f"-mod={'vendor' if is_vendored else 'readonly'} -buildvcs=false",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


def _complaints(output: str, sources: Sources) -> Iterator[Finding]:
    """Yield what is said of the folder's own files, whose words alone may be printed."""
    if packages := _PACKAGES.search(output):
        named = re.findall(r"(\w+) \((.+?)\)", packages[1])
        for package, path in (found for found in named if found[0] != _MODULE_NAME):
            message = f"is package {package}"
            yield broken("go-package", path, None, message, "it has to be `package function`")
        return
    matches = [_PLACE.match(line) for line in output.splitlines()]
    found = [match for match in matches if match and "GOPROXY=off" not in match["message"]]
    of_probe = [match for match in found if match["path"] == _PROBE]
    own = [match for match in found if match["path"] in sources.paths]
    for match in own[:_MOST_COMPLAINTS]:
        path, line = match["path"], int(match["line"])
        yield broken("go-build", path, line, _message(match), "correct the line")
    if not own and of_probe:
        is_missing = of_probe[0]["message"].startswith("undefined")
        message = (
            "there is no func Handle"
            if is_missing
            else "Handle has other parameters or results than the platform's"
        )
        yield broken("go-handle", ENTRY, None, message, f"it has to be {_SHAPE}")
    if not own and not of_probe:
        last = [line.strip() for line in output.splitlines() if line.startswith("go: ")]
        message = trimmed(last[-1]) if last else "go build failed"
        yield broken("not-run", ".", None, f"not built: {message}", "see what Go says")


def _message(match: re.Match[str]) -> str:
    """Return a complaint; the assembler's may quote any file that a source includes."""
    if match["path"].endswith(_ASSEMBLY):
        return "the assembler refuses it"
    return trimmed(match["message"])


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
