"""How many lines an edit of a fresh function takes, in each language: tests/edits, counted."""

import difflib
import tomllib
from typing import Any

from bench.markdown import table
from bench.places import ROOT, save
from bench.verdicts import LANGUAGES
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import new_function
from kvgen.scaffold.render import render


def run() -> dict[str, Any]:
    """Count the lines that each edit adds and removes, by its name and the language."""
    return save("edits", {language: _lines(language) for language in LANGUAGES})


def _lines(language: str) -> dict[str, int]:
    edits = tomllib.loads((ROOT / "tests" / "edits" / f"{language}.toml").read_text())["edit"]
    return {edit["name"]: _size(language, edit) for edit in edits}


def _size(language: str, edit: dict[str, Any]) -> int:
    pattern = load_pattern(edit["pattern"])
    answers = new_function(pattern, language, f"{edit['pattern']}-{language}", {})
    handler = BY_NAME[language].handler
    before = next(file.text for file in render(answers) if file.path == handler)
    after = before
    for old, new in edit["replace"]:
        after = after.replace(old, new)
    changes = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    lines = [line for line in changes if not line.startswith(("---", "+++", "@@"))]
    return sum(1 for line in lines if line[1:].strip())


def markdown(edits: dict[str, Any]) -> str:
    """Return the table: an edit a row, a language a column."""
    names = next(iter(edits.values()))
    rows = [(name, *(str(edits[language][name]) for language in LANGUAGES)) for name in names]
    note = "Lines that are added to or removed from a fresh handler, without blank ones."
    return note + "\n\n" + table(("edit", *LANGUAGES.values()), rows)
