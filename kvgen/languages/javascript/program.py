"""Reads the program of a function from its entry point on: what is imported, and the server.

For every language of Node's: a form says how one is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from kvgen.check import tokens
from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.check.tokens import SlowSourceError, Token
from kvgen.languages.javascript.package import member_of, read_package

#: Modules of Node's own that people who write servers import without the prefix.
_BUILT_IN = (
    *("assert", "buffer", "cluster", "crypto", "dns", "events", "fs", "http", "http2", "https"),
    *("net", "os", "path", "process", "querystring", "stream", "timers", "tls", "url", "util"),
    *("child_process", "string_decoder", "worker_threads", "zlib"),
)
_LISTS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


class Form(NamedTuple):
    """How a language is written: its rules' prefix, where a program begins, what it is made of.

    ``written_as`` are further endings of the file that an import means, by the one that it has.
    """

    rules: str
    entry: str
    suffixes: tuple[str, ...]
    read: Callable[[str], list[Token]]
    written_as: Mapping[str, str]


def check_program(form: Form, sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with what is imported, and with the server."""
    found = reachable(form, sources)
    yield from _check_dependencies(form, sources, found)
    for path, stream in found.items():
        for token in _relative_imports(stream):
            target = resolved(form, sources, path, token.value)
            if not sources.has_file(target):  # also of a name that none can have
                message = f"imports {token.value}, which does not exist in the folder"
                fix = "add the file or the ending"
                yield broken(f"{form.rules}-import", path, token.line, message, fix)
    if found and not any(problem.rule.name == "too-large" for problem in sources.problems):
        yield from _check_server(form, found)


def _check_dependencies(
    form: Form, sources: Sources, found: Mapping[str, list[Token]]
) -> Iterator[Finding]:
    """Yield the first import of each package that package.json does not list."""
    package = read_package(sources)
    listed = {name for key in _LISTS for name in member_of(package, key)}
    listed.add(str(package.get("name", "")))  # a package may import itself
    for path, stream in found.items():
        for token in _imports(stream):
            name = _package_of(token.value)
            if package and _is_package(token.value) and name not in listed:
                listed.add(name)
                message = f"imports {name}, which package.json does not list"
                fix = f"npm install {name}"
                yield broken(f"{form.rules}-dependency", path, token.line, message, fix)


def _package_of(name: str) -> str:
    """Return the package that an import is of: ``@a/b`` of ``@a/b/c``."""
    return "/".join(name.split("/")[: 2 if name.startswith("@") else 1])


def reachable(form: Form, sources: Sources) -> dict[str, list[Token]]:
    """Return the tokens of the entry point and of all in the folder that it imports, by path.

    One that takes too long to be read is a problem of the sources, and no more are read.
    """
    found: dict[str, list[Token]] = {}
    waiting = [form.entry]
    while waiting:
        path = waiting.pop()
        text = None if path in found or not path.endswith(form.suffixes) else sources.text(path)
        if text is not None:
            try:
                found[path] = form.read(text)
            except SlowSourceError:
                sources.give_up(path)
                break
            imported = [token.value for token in _relative_imports(found[path])]
            waiting += [resolved(form, sources, path, name) for name in imported]
    return found


def resolved(form: Form, sources: Sources, importer: str, name: str) -> str:
    """Return the path that a relative import means, ``..`` taken away."""
    parts: list[str] = list(PurePosixPath(importer).parent.parts)
    for part in name.split("?")[0].split("/"):
        if part == "..":
            parts = parts[:-1] if parts and parts[-1] != ".." else [*parts, ".."]
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    for suffix, written in form.written_as.items():
        if path.endswith(suffix) and not sources.has_file(path):
            return path.removesuffix(suffix) + written
    return path


def _check_server(form: Form, found: Mapping[str, list[Token]]) -> Iterator[Finding]:
    every = [token for stream in found.values() for token in stream]
    names = {token.value for token in every if token.kind == "name"}
    texts = " ".join(token.value for token in every if token.kind == "text")
    # A framework may do any of this out of sight; then it is taken to do so.
    if any(_is_package(token.value) for stream in found.values() for token in _imports(stream)):
        return
    if "listen" not in names or not names & {"createServer", "Server"}:
        message = "no HTTP server that listens was found here or in the imported files"
        fix = "for example http.createServer(respond).listen(process.env.PORT || 8080)"
        yield broken(f"{form.rules}-listen", form.entry, None, message, fix)
    if "PORT" not in names and not re.search(r"\bPORT\b", texts):
        line = next((t.line for t in found.get(form.entry, ()) if t.value == "listen"), None)
        message = "process.env.PORT is never read"
        fix = "listen on process.env.PORT || 8080"
        yield broken(f"{form.rules}-port", form.entry, line, message, fix)
    if "health" not in texts:
        message = "no path /health was found here or in the imported files"
        fix = "respond with 200 to /health and below, before any other work"
        yield broken(f"{form.rules}-health", form.entry, None, message, fix)


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
