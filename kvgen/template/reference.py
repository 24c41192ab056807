"""The page on patterns of one's own: a tutorial, and tables of all that a manifest can say."""

import inspect
from collections.abc import Callable, Iterator, Mapping

from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold import keys
from kvgen.scaffold.common import ALL_COMMON
from kvgen.scaffold.filters import FILTERS
from kvgen.scaffold.kinds import KINDS
from kvgen.scaffold.roots import OWN_ROOT, read_source

_PROSE = "_docs/patterns.md"
_REFERENCE = "<!-- reference -->"
_TABLES = {
    "pattern.toml": keys.PATTERN,
    "[options.NAME]": keys.OPTION,
    "[env.NAME]": keys.VARIABLE,
    "[languages.LANGUAGE]": keys.LANGUAGE,
    "A file of parts, function, use or foreign_use": keys.FILE,
    "A request of first_requests": keys.REQUEST,
}
#: Filters for what kvgen gives to the templates of whole functions, not for an answer.
_OF_FUNCTIONS = ("toml_lines", "dotenv_lines", "toml_list")


def page_text() -> str:
    """Return the page as Markdown."""
    prose = read_source(OWN_ROOT, _PROSE).decode("utf-8")
    return prose.replace(_REFERENCE, "\n".join(_reference()).rstrip("\n"))


def _reference() -> Iterator[str]:
    for title, rows in _TABLES.items():
        yield from _table(f"### {title}", ("key", "says"), rows)
    kinds = {"choice": "One of `choices`.", **{name: _line(KINDS[name]) for name in sorted(KINDS)}}
    yield from _table("### Kinds of options", ("kind", "an answer"), kinds)
    filters = {name: f for name, f in FILTERS.items() if name not in _OF_FUNCTIONS}
    for language in LANGUAGES:
        filters |= language.filters
    said = {name: _line(filters[name]) for name in sorted(filters)}
    yield from _table("### Filters", ("filter", "what it writes"), said)
    common = {option.name: option.help for option in ALL_COMMON}
    yield from _table("### Answers that every function has", ("name", "is"), common)


def _table(heading: str, titles: tuple[str, str], rows: Mapping[str, str]) -> Iterator[str]:
    yield from (heading, "", f"| {' | '.join(titles)} |", "| --- | --- |")
    yield from (f"| `{key}` | {text} |" for key, text in rows.items())
    yield ""


def _line(function: Callable[..., object]) -> str:
    """Return the first sentence of a docstring, its names as Markdown's code."""
    first = (inspect.getdoc(function) or "").partition("\n\n")[0]
    return first.replace("\n", " ").replace("``", "`")
