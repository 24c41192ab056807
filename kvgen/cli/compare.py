"""The languages side by side: what was measured of each, and what a folder of it has."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import kvgen.languages
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import handler_lines
from kvgen.scaffold.function import new_function
from kvgen.scaffold.model import Pattern
from kvgen.scaffold.render import render
from kvgen.scaffold.roots import OWN, Templates

#: Of the file that the bench writes: the figure's name, what it is called, and its form.
_MEASURED = (
    ("requests_a_second", "requests a second", "{:,g}"),
    ("requests_a_second_at_20_ms", "the same, KV at 20 ms", "{:,g}"),
    ("first_session_ms", "start to first session", "{:g} ms"),
    ("memory_mb", "memory", "{:g} MB"),
    ("cpu_ms", "CPU a request", "{:g} ms"),
    ("million_dollars", "a million requests", "${:.2f}"),
)
_SUPPORT = ("test", "fake")
_FIGURES = Path(kvgen.languages.__file__).parent / "figures.json"


def read_figures() -> Mapping[str, Any]:
    """Return what the bench recorded: ``measured``, with what, and ``patterns``, then languages."""
    figures: Mapping[str, Any] = json.loads(_FIGURES.read_text(encoding="utf-8"))
    return figures


def comparison(pattern: Pattern, templates: Templates = OWN) -> list[Sequence[str]]:
    """Return the rows of a table: a column a language that the pattern has, the first the words.

    A language that was not measured has a dash; what was measured of none has no row.
    """
    languages = list(pattern.languages)
    figures = read_figures()["patterns"].get(pattern.name, {})
    known = {name for each in figures.values() for name in each}
    return [
        ("", *(BY_NAME[name].title for name in languages)),
        *(
            (title, *(_figure(figures.get(name, {}), key, form) for name in languages))
            for key, title, form in _MEASURED
            if key in known
        ),
        ("handler", *(f"{handler_lines(pattern, name)} lines" for name in languages)),
        (
            "code of the folder",
            *(f"{_code_lines(pattern, name, templates)} lines" for name in languages),
        ),
        ("packages", *(", ".join(_packages(pattern, name)) or "none" for name in languages)),
        ("the platform brings", *(BY_NAME[name].platform for name in languages)),
    ]


def origin() -> str:
    """Say where the figures come from."""
    return (
        "Measured with 16 concurrent clients and filled caches. Prices are the public ones, "
        f"without the free amount of each month; {read_figures()['measured']}."
    )


def _figure(figures: Mapping[str, float], key: str, form: str) -> str:
    return form.format(figures[key]) if key in figures else "-"


def _code_lines(pattern: Pattern, language: str, templates: Templates) -> int:
    """Count the lines of the sources without tests, blank ones and comments included."""
    suffix = PurePosixPath(BY_NAME[language].handler).suffix
    files = render(new_function(pattern, language, pattern.name, {}, templates))
    sources = [file for file in files if PurePosixPath(file.path).suffix == suffix]
    return sum(
        len(file.text.splitlines())
        for file in sources
        if not any(word in file.path for word in _SUPPORT)
    )


def _packages(pattern: Pattern, language: str) -> Iterator[str]:
    known = BY_NAME[language]
    needed = {
        *known.kv_dependencies,
        *known.function_dependencies,
        *pattern.languages[language].dependencies,
    }
    yield from sorted({each.split(">")[0].split("=")[0].lower() for each in needed})
