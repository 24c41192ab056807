"""Checks the entry point of a TypeScript function, index.ts, and its manifests."""

from collections.abc import Iterator

from kvgen.check import tokens
from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.languages.javascript.package import Member, check_package, member_of, read_package
from kvgen.languages.javascript.program import Form, check_program, reachable
from kvgen.languages.typescript.compiler import check_with_tool
from kvgen.languages.typescript.tsconfig import check_tsconfig

__all__ = ["check", "check_with_tool"]

ENTRY = "index.ts"

_FORM = Form("ts", ENTRY, (".ts", ".mts", ".cts"), tokens.typescript, {".js": ".ts"})
_MEMBERS = (
    Member("ts-type", "type", "module"),
    Member("ts-build", "scripts.build", "tsc"),
    Member("ts-start", "scripts.start", "node dist/index.js"),
)
_OLDEST_NODE = 20
_COMPILER = "typescript"


def check(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with the entry point and with the manifests."""
    yield from check_package(sources, "ts", _MEMBERS, _OLDEST_NODE)
    yield from _check_compiler(sources)
    yield from check_tsconfig(sources)
    if not sources.has(ENTRY):
        fix = "`kvgen regenerate` brings it back, unless you deleted it; else write the server"
        yield broken("ts-entry", ENTRY, None, "does not exist", fix)
        return
    yield from check_program(_FORM, sources)
    for path in reachable(_FORM, sources):
        if "/" in path:
            yield broken("ts-nested", path, None, "is not at the root", "move it to the root")


def _check_compiler(sources: Sources) -> Iterator[Finding]:
    package = read_package(sources)
    groups = (member_of(package, key) for key in ("devDependencies", "dependencies"))
    if package and not any(_COMPILER in group for group in groups):
        fix = f"npm install --save-dev {_COMPILER}"
        yield broken("ts-compiler", "package.json", None, f"{_COMPILER} is not a dependency", fix)
