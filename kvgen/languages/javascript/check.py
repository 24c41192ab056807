"""Checks the entry point of a JavaScript function, index.js, and its package.json."""

import os
import re
from collections.abc import Iterator

from kvgen.check import tokens
from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.check.tools import PATIENCE, copied, trimmed
from kvgen.languages.javascript.package import PACKAGE, Member, check_package, read_package
from kvgen.languages.javascript.program import Form, check_program, reachable
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import find_node

ENTRY = "index.js"

_FORM = Form("js", ENTRY, (".js", ".mjs", ".cjs"), tokens.javascript, {})
_MEMBERS = (
    Member("js-type", "type", "module"),
    Member("js-main", "main", ENTRY),
    Member("js-start", "scripts.start", f"node {ENTRY}"),
)
_OLDEST_NODE = 18
# Parses all files in one process and runs none; `node --check` takes one file, but says the line.
_SCRIPT = """
import fs from "node:fs";
import vm from "node:vm";
for (const path of process.argv.slice(1)) new vm.SourceTextModule(fs.readFileSync(path, "utf8"));
"""
_PARSE = ("--experimental-vm-modules", "--input-type=module", "--eval", _SCRIPT, "--")


def check(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with the entry point and with package.json."""
    yield from check_package(sources, "js", _MEMBERS, _OLDEST_NODE)
    if not sources.has(ENTRY):
        fix = "`kvgen regenerate` brings it back, unless you deleted it; else write the server"
        yield broken("js-entry", ENTRY, None, "does not exist", fix)
        return
    yield from check_program(_FORM, sources)


def check_with_tool(sources: Sources) -> Iterator[Finding]:
    """Yield the files that Node does not parse; raises KvgenError if there is no Node."""
    node = find_node(apart_from=sources.root)
    if read_package(sources).get("type") != "module":
        return  # which has been said, and every line of every file would be wrong
    # NODE_OPTIONS can name a module to load first.
    environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
    found = {path: sources.content(path) or b"" for path in reachable(_FORM, sources)}
    with copied({**found, PACKAGE: b'{"type": "module"}'}) as root:
        files = [root / path for path in found]
        if run_tool([node, *_PARSE, *files], root, environment, PATIENCE)[0] == 0:
            return
        done = [run_tool([node, "--check", file], root, environment, PATIENCE) for file in files]
    for path, (code, output) in zip(found, done, strict=True):
        if code:
            complaint = re.search(r"^(\w*Error): (.+)$", output, re.MULTILINE)
            place = re.search(rf"{re.escape(path)}:(\d+)$", output, re.MULTILINE)
            message = trimmed(complaint[2]) if complaint else "node --check refuses it"
            line = int(place[1]) if place else None
            yield broken("js-syntax", path, line, message, "correct the line")
