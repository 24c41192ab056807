"""Holds a JavaScript function to its entry point: index.js, and package.json around it."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from kvgen.check import tokens
from kvgen.check.finding import Finding
from kvgen.check.places import json_line
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.check.tokens import Token
from kvgen.check.tools import PATIENCE, copied, trimmed
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import find_node
from kvgen.scaffold.words import shown

ENTRY = "index.js"
PACKAGE = "package.json"

_OLDEST_NODE = 18
_SOURCES = (".js", ".mjs", ".cjs")
#: Modules of Node's own that people who write servers import without the prefix.
_BUILT_IN = (
    *("assert", "buffer", "cluster", "crypto", "dns", "events", "fs", "http", "http2", "https"),
    *("net", "os", "path", "process", "querystring", "stream", "timers", "tls", "url", "util"),
    *("child_process", "string_decoder", "worker_threads", "zlib"),
)


def check(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with the entry point and with package.json."""
    yield from _check_package(sources)
    if not sources.has(ENTRY):
        fix = "`kvgen regenerate` brings it back, unless you deleted it; else write the server"
        yield broken("js-entry", ENTRY, None, "does not exist", fix)
        return
    found = reachable(sources)
    yield from _check_imports(sources, found)
    if found:
        yield from _check_server(found)


def reachable(sources: Sources) -> dict[str, list[Token]]:
    """Return the tokens of index.js and of all in the folder that it imports, by path."""
    found: dict[str, list[Token]] = {}
    waiting = [ENTRY]
    while waiting:
        path = waiting.pop()
        text = None if path in found or not path.endswith(_SOURCES) else sources.text(path)
        if text is not None:
            found[path] = tokens.javascript(text)
            waiting += [_resolve(path, token.value) for token in _relative_imports(found[path])]
    return found


def _check_imports(sources: Sources, found: Mapping[str, list[Token]]) -> Iterator[Finding]:
    for path, stream in found.items():
        for token in _relative_imports(stream):
            target = _resolve(path, token.value)
            if not sources.has_file(target):  # also of a name that none can have
                message = f"imports {token.value}, which does not exist in the folder"
                yield broken("js-import", path, token.line, message, "add the file or the ending")


def _check_server(found: Mapping[str, list[Token]]) -> Iterator[Finding]:
    every = [token for stream in found.values() for token in stream]
    names = {token.value for token in every if token.kind == "name"}
    texts = " ".join(token.value for token in every if token.kind == "text")
    # A framework may do any of this out of sight; then it is taken to do so.
    if any(_is_package(token.value) for stream in found.values() for token in _imports(stream)):
        return
    if "listen" not in names or not names & {"createServer", "Server"}:
        message = "no HTTP server that listens is to be seen here or in what is imported"
        fix = "for example http.createServer(answer).listen(process.env.PORT || 8080)"
        yield broken("js-listen", ENTRY, None, message, fix)
    if "PORT" not in names and not re.search(r"\bPORT\b", texts):
        line = next((t.line for t in found.get(ENTRY, ()) if t.value == "listen"), None)
        message = "process.env.PORT is read nowhere"
        yield broken("js-port", ENTRY, line, message, "listen on process.env.PORT || 8080")
    if "health" not in texts:
        message = "no path /health is to be seen here or in what is imported"
        fix = "answer 200 on /health and below, before any other work"
        yield broken("js-health", ENTRY, None, message, fix)


def check_with_tool(sources: Sources) -> Iterator[Finding]:
    """Yield the files that Node does not parse; raises KvgenError where there is no Node."""
    node = find_node()
    if not is_module(sources):
        return  # which has been said, and every line of every file would be wrong
    # NODE_OPTIONS can name a module to load first.
    environment = {k: v for k, v in os.environ.items() if k != "NODE_OPTIONS"}
    found = {path: sources.content(path) or b"" for path in reachable(sources)}
    with copied({**found, PACKAGE: b'{"type": "module"}'}) as root:
        done = {
            p: run_tool([node, "--check", root / p], root, environment, PATIENCE) for p in found
        }
    for path, (code, output) in done.items():
        if code:
            complaint = re.search(r"^(\w*Error): (.+)$", output, re.MULTILINE)
            place = re.search(rf"{re.escape(path)}:(\d+)$", output, re.MULTILINE)
            message = trimmed(complaint[2]) if complaint else "node --check refuses it"
            line = int(place[1]) if place else None
            yield broken("js-syntax", path, line, message, "correct the line")


def is_module(sources: Sources) -> bool:
    """Whether package.json makes Node take the sources for ES modules, as the platform does."""
    try:
        return bool(json.loads(sources.text(PACKAGE) or "{}").get("type") == "module")
    except (ValueError, AttributeError, RecursionError):
        return False


def _check_package(sources: Sources) -> Iterator[Finding]:
    text = sources.text(PACKAGE)
    if text is None:
        if not sources.has(PACKAGE):
            yield broken("js-package", PACKAGE, None, "does not exist", "npm init makes one")
        return
    try:
        package = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        yield broken("js-package", PACKAGE, line, f"is not JSON: {error}", "correct the line")
        return
    if not isinstance(package, dict):
        yield broken("js-package", PACKAGE, 1, "is not a JSON object", "npm init makes one")
        return
    yield from _check_members(package, text)


def _check_members(package: Mapping[str, Any], text: str) -> Iterator[Finding]:
    scripts, engines = (_object(package, key) for key in ("scripts", "engines"))
    wanted = (
        ("js-type", "type", package.get("type"), "module"),
        ("js-main", "main", package.get("main"), ENTRY),
        ("js-start", "start", scripts.get("start"), f"node {ENTRY}"),
    )
    for rule, key, value, right in wanted:
        if value != right and not (key == "main" and value == f"./{ENTRY}"):
            what = "is missing" if value is None else f"is {shown(str(value))}"
            where = "scripts.start" if key == "start" else key
            fix = f'it has to be "{key}": "{right}"'
            yield broken(rule, PACKAGE, json_line(text, key), f"{where} {what}", fix)
    node = engines.get("node")
    line = json_line(text, "node") if node is not None else json_line(text, "engines")
    if not isinstance(node, str) or not (majors := _majors(node)):
        message = "engines.node is missing" if node is None else f"engines.node is {node!r}"
        yield broken("js-engine", PACKAGE, line, message, 'it has to be "node": ">=18"')
    elif min(majors) > _OLDEST_NODE:
        message = f"engines.node {shown(node)} leaves out Node 18"
        yield broken("js-engine", PACKAGE, line, message, 'it has to be "node": ">=18"')


def _majors(text: str) -> list[int]:
    """Return the first number of each version in a range: ``[18, 20]`` for ``^18.2 || >=20``."""
    return [int(major) for major in re.findall(r"(?<![\d.])(\d{1,6})(?:\.[\dx*]+)*", text)]


def _imports(stream: list[Token]) -> Iterator[Token]:
    """Yield the names of what is imported, each with the quotes gone and its line."""
    for number, token in enumerate(stream):
        before = tokens.values(stream, max(0, number - 2), min(2, number))
        is_call = before[-2:] in (("import", "("), ("require", "("))
        if token.kind == "text" and (before[-1:] in (("from",), ("import",)) or is_call):
            yield token._replace(value=token.value.strip("\"'`"))


def _relative_imports(stream: list[Token]) -> Iterator[Token]:
    yield from (t for t in _imports(stream) if t.value.startswith(("./", "../")))


def _is_package(name: str) -> bool:
    return bool(name) and not name.startswith((".", "/", "#", "node:")) and name not in _BUILT_IN


def _resolve(importer: str, name: str) -> str:
    """Return the path that a relative import means, ``..`` taken away."""
    parts: list[str] = list(PurePosixPath(importer).parent.parts)
    for part in name.split("?")[0].split("/"):
        if part == "..":
            parts = parts[:-1] if parts and parts[-1] != ".." else [*parts, ".."]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _object(package: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = package.get(key, {})
    return found if isinstance(found, dict) else {}
