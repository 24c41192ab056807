"""Checks that a tsconfig.json builds what the platform starts: dist/index.js."""

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from kvgen.check.finding import Finding
from kvgen.check.positions import json_line
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.scaffold.words import shown

CONFIG = "tsconfig.json"

_OUT = "dist"
#: Strings stay as they are; comments go, and commas before a bracket.
_EXTRA = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def check_tsconfig(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with tsconfig.json: above all where it emits."""
    text = sources.text(CONFIG)
    if text is None:
        if not sources.has(CONFIG):
            fix = "`kvgen show session -l typescript tsconfig.json` prints one"
            yield broken("ts-config", CONFIG, None, "does not exist", fix)
        return
    try:
        said = parse_tsconfig(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        yield broken("ts-config", CONFIG, line, f"is not JSON: {error}", "correct the line")
        return
    options = said.get("compilerOptions", {})
    options = options if isinstance(options, dict) else {}
    if "extends" not in said:  # another file may say the rest
        yield from _check_place(options, "outDir", _OUT, text)
        yield from _check_place(options, "rootDir", ".", text)
    if options.get("noEmit") or options.get("emitDeclarationOnly"):
        key = "noEmit" if options.get("noEmit") else "emitDeclarationOnly"
        line = json_line(text, key)
        yield broken("ts-emit", CONFIG, line, f"{key} is set", "leave it out")


def parse_tsconfig(text: str) -> dict[str, Any]:
    """Read a tsconfig.json with its comments; raises ValueError if it is malformed."""
    # A comment leaves its lines, so that an error has the right one.
    said = json.loads(_EXTRA.sub(lambda m: m[1] or "\n" * m[0].count("\n"), text))
    if not isinstance(said, dict):
        raise ValueError("it is not an object")
    return said


def leads_out(said: object) -> str | None:
    """Return a text of a tsconfig.json that leads out of the folder, if there is one."""
    if isinstance(said, str):
        path = PurePosixPath(said)
        return said if path.is_absolute() or ".." in path.parts else None
    members = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return next((found for member in members if (found := leads_out(member))), None)


def _check_place(options: dict[str, Any], key: str, right: str, text: str) -> Iterator[Finding]:
    value = options.get(key)
    if not isinstance(value, str) or PurePosixPath(value) != PurePosixPath(right):
        message = f"{key} is missing" if value is None else f"{key} is {shown(str(value))}"
        line = json_line(text, key) or json_line(text, "compilerOptions")
        yield broken("ts-emit", CONFIG, line, message, f'it has to be "{key}": "{right}"')
