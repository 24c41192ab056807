"""Holds a Go function to its entry point: handler.go, and go.mod around it."""

from collections.abc import Iterator, Mapping

from kvgen.scaffold.answers import shown
from kvgen.scaffold.check import tokens
from kvgen.scaffold.check.finding import Finding
from kvgen.scaffold.check.rules import broken
from kvgen.scaffold.check.sources import Sources
from kvgen.scaffold.check.tokens import Token

ENTRY = "handler.go"
MODULE = "go.mod"

_MODULE_NAME = "function"
_GO = "1.24"
_SHAPE = "func Handle(w http.ResponseWriter, r *http.Request)"
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def check_go(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with the entry point and with go.mod."""
    yield from _check_module(sources)
    if not sources.has(ENTRY):
        fix = f"it says `package function` and has {_SHAPE}"
        yield broken("go-entry", ENTRY, None, "does not exist", fix)
        return
    package = _package(sources)
    for path, stream in package.items():
        yield from _check_file(path, stream)
    # What could not be read may have it; that has been said.
    if package and sources.text(ENTRY) is not None:
        yield from _check_handle(package)


def _package(sources: Sources) -> dict[str, list[Token]]:
    """Return the tokens of the files at the root that are built, by path."""
    found = {}
    for path in sources.paths:
        is_built = path.endswith(".go") and not path.endswith("_test.go") and "/" not in path
        text = sources.text(path) if is_built else None
        if text is not None and not _is_left_out(text):
            found[path] = tokens.go(text)
    return found


def _is_left_out(text: str) -> bool:
    """Whether a build constraint keeps a file out of every build, as is the habit for scripts."""
    lines = text.partition("\npackage ")[0].splitlines()
    return any(line.strip() in ("//go:build ignore", "// +build ignore") for line in lines)


def _check_file(path: str, stream: list[Token]) -> Iterator[Finding]:
    name = stream[1] if tokens.values(stream, 0, 1) == ("package",) and len(stream) > 1 else None
    if name is None or name.value != _MODULE_NAME:
        message = f"is package {shown(name.value)}" if name else "has no package clause"
        line = name.line if name else None
        yield broken("go-package", path, line, message, "it has to be `package function`")
    for start in _top_level(stream, "func"):
        if tokens.values(stream, start + 1, 2) == ("main", "("):
            line = stream[start].line
            yield broken("go-main", path, line, "has a func main", f"serve from {_SHAPE}")


def _check_handle(package: Mapping[str, list[Token]]) -> Iterator[Finding]:
    for path, stream in package.items():
        for start in _top_level(stream, "func"):
            if tokens.values(stream, start + 1, 1) == ("Handle",):
                if not _has_shape(stream, start + 2):
                    line = stream[start].line
                    message = "Handle has other parameters or results than the platform's"
                    yield broken("go-handle", path, line, message, f"it has to be {_SHAPE}")
                return
    yield broken("go-handle", ENTRY, None, "there is no func Handle", f"add {_SHAPE}")


def _has_shape(stream: list[Token], start: int) -> bool:
    """Whether a signature that begins here has the two parameters, named or not, and no result."""
    parameters: list[list[str]] = [[]]
    end, depth = start, 0
    for end in range(start, len(stream)):
        value = stream[end].value
        depth += (value in _OPENING) - (value in _CLOSING)
        if depth == 0:
            break
        if depth == 1 and value == ",":
            parameters.append([])
        elif end > start:
            parameters[-1].append(value)
    if not parameters[-1]:
        parameters.pop()  # a comma at the end of a list that stands on lines of its own
    http = _imported_as(stream, '"net/http"')
    types = [[http, ".", "ResponseWriter"], ["*", http, ".", "Request"]]
    return (
        tokens.values(stream, start, 1) == ("(",)
        and tokens.values(stream, end + 1, 1) == ("{",)
        and (parameters == types or [words[1:] for words in parameters] == types)
    )


def _imported_as(stream: list[Token], path: str) -> str:
    """Return the name by which a package goes in a file: its last part, or what it is given."""
    for number, token in enumerate(stream):
        if token.kind == "text" and token.value == path and number:
            before = stream[number - 1]
            if before.kind == "name" and before.value != "import":
                return before.value
    return path.strip('"').split("/")[-1]


def _top_level(stream: list[Token], word: str) -> Iterator[int]:
    """Yield where a word stands outside of all brackets."""
    depth = 0
    for number, token in enumerate(stream):
        if token.kind == "mark":
            depth += (token.value in _OPENING) - (token.value in _CLOSING)
        elif depth == 0 and token.value == word:
            yield number


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
