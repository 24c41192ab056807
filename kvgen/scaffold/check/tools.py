"""Puts a folder to its language's own tool, which reads it and runs nothing of it."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.scaffold.check import golang, javascript
from kvgen.scaffold.check.finding import Finding
from kvgen.scaffold.check.rules import broken
from kvgen.scaffold.check.sources import Sources

#: How to find a language's tool: returns the executable, or raises KvgenError with the way to it.
Find = Callable[[], Path]

_PATIENCE = 300  # seconds; a first build compiles Go's own library
_MOST_COMPLAINTS = 10
_PLACE = re.compile(r"(?:\./)?(?P<path>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?P<message>.+)")


def check_with_tool(sources: Sources, language: str, find: Mapping[str, Find]) -> Iterator[Finding]:
    """Yield what the tool complains about, or a note that it is not there."""
    if language not in find:
        return
    try:
        tool = find[language]()
        check = _check_javascript if language == "javascript" else _check_go
        yield from check(sources, tool)
    except KvgenError as error:
        fix = error.hint or "see above"
        yield broken("not-run", ".", None, error.message, fix)


def _check_javascript(sources: Sources, node: Path) -> Iterator[Finding]:
    if not javascript.is_module(sources):
        return  # which has been said, and every line of every file would be wrong
    # NODE_OPTIONS can name a module to load first.
    environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
    root = sources.root.resolve()
    for path in javascript.reachable(sources):
        done = _run([node, "--check", root / path], root, environment)
        if done.returncode:
            complaint = re.search(r"^(\w*Error): (.+)$", done.stderr, re.MULTILINE)
            place = re.search(rf"{re.escape(path)}:(\d+)$", done.stderr, re.MULTILINE)
            message = complaint[2] if complaint else "node --check refuses it"
            line = int(place[1]) if place else None
            yield broken("js-syntax", path, line, message, "mend the line")


def _check_go(sources: Sources, go: Path) -> Iterator[Finding]:
    if not (sources.root / golang.MODULE).is_file():
        return
    # Nothing is fetched, no C compiler is run, and nothing is written into the folder.
    is_vendored = (sources.root / "vendor" / "modules.txt").is_file()
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        # Stamping a version would ask git, whose settings can name programs to run.
        "GOFLAGS": f"-mod={'vendor' if is_vendored else 'readonly'} -buildvcs=false",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    done = _run([go, "build", "-o", os.devnull, "."], sources.root, environment)
    if not done.returncode:
        return
    complaints = [_PLACE.match(line) for line in done.stderr.splitlines()]
    found = [match for match in complaints if match and "GOPROXY=off" not in match["message"]]
    for match in found[:_MOST_COMPLAINTS]:
        message = match["message"]
        yield broken("go-build", match["path"], int(match["line"]), message, "mend the line")
    if not found:
        last = done.stderr.strip().splitlines() or ["go build failed"]
        yield broken("not-run", ".", None, f"not built: {last[-1].strip()}", "see what Go says")


def _run(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KvgenError(f"{command[0]} took more than {_PATIENCE} s", "try again") from None
