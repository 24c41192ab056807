"""`kvgen list`: the patterns, languages and options to choose from."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from kvgen.cli import completers
from kvgen.cli.overlay import around, origin_text, templates_option, warn_of_hidden
from kvgen.cli.tables import table
from kvgen.cli.terminal import block, echo, styled
from kvgen.cli.wrapping import width_of
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.catalog import handler_lines, load_pattern, pattern_names
from kvgen.scaffold.common import ALL_COMMON
from kvgen.scaffold.model import Option, Pattern
from kvgen.scaffold.roots import OWN_ROOT, Templates

_WIDEST = 80  # columns of a paragraph
_EXAMPLE = "session"


@click.command("list")
@click.argument("pattern", required=False, shell_complete=completers.patterns)
@click.option("--compare", is_flag=True, help="Compare the languages by the figures of PATTERN.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as a JSON object.")
@templates_option
def list_patterns(pattern: str | None, compare: bool, as_json: bool, templates: Templates) -> None:
    """List the patterns, with their purpose, costs, needs and options.

    With PATTERN only that one.
    """
    templates = around(templates, Path())
    if compare:
        _compare(pattern, templates)
        return
    names = [pattern] if pattern else pattern_names(templates)
    patterns = [load_pattern(name, templates) for name in names]
    if as_json:
        import json

        languages = [
            {"name": la.name, "aliases": list(la.aliases), "needs": la.needs} for la in LANGUAGES
        ]
        catalog = {"patterns": [_json(pattern) for pattern in patterns], "languages": languages}
        block(json.dumps(catalog, indent=2))
        return
    for each in patterns:
        _print(each, templates)
    needs = table([(la.name, la.needs) for la in LANGUAGES])
    echo(styled("Languages", bold=True))
    block(f"{textwrap.indent(needs, '  ')}\n", fill=True)
    block(f"All of them\n{textwrap.indent(_options(ALL_COMMON), '  ')}\n", fill=True)
    name = pattern or _EXAMPLE
    language = next(iter(load_pattern(name, templates).languages))
    echo(f"Next: kvgen show {name} -l {language}, or kvgen new {name} my-{name} -l {language}")


def _compare(name: str | None, templates: Templates) -> None:
    from kvgen.cli.compare import comparison, origin, read_figures

    measured = read_figures()["patterns"]
    pattern = load_pattern(name or next(iter(measured)), templates)
    block(_fitting(comparison(pattern, templates)) + "\n", fill=True)
    trades = [(BY_NAME[name].title, BY_NAME[name].trade_off) for name in pattern.languages]
    block(table(trades) + "\n", fill=True)
    echo(origin() if pattern.name in measured else f"No speed was measured of {pattern.name}.")


def _fitting(rows: Sequence[Sequence[str]]) -> str:
    """Return a table, on a terminal that it is too wide for one column after the other."""
    whole, width = table(rows), width_of(sys.stdout)
    if width is None or max(map(len, whole.splitlines())) <= width:
        return whole
    header, *others = rows
    parts = [table([(row[0], row[n]) for row in others]) for n in range(1, len(header))]
    titled = zip(header[1:], parts, strict=True)
    return "\n\n".join(f"{title}\n{textwrap.indent(part, '  ')}" for title, part in titled)


def _print(pattern: Pattern, templates: Templates) -> None:
    whose = f" ({origin_text(pattern)})" if origin_text(pattern) else ""
    echo(styled(pattern.name, bold=True), f": {pattern.title}{whose}")
    warn_of_hidden(pattern, templates)
    width = min(width_of(sys.stdout) or _WIDEST, _WIDEST)
    block(textwrap.indent(textwrap.fill(pattern.summary, width - 2, break_on_hyphens=False), "  "))
    lengths = ", ".join(f"{name} {handler_lines(pattern, name)}" for name in pattern.languages)
    rows = [
        ("KV calls", pattern.kv_calls),
        ("needs", pattern.needs),
        ("handler", f"{lengths} lines"),
    ]
    block(textwrap.indent(table(rows), "  "), fill=True)
    block(textwrap.indent(_options(pattern.options), "  ") + "\n", fill=True)


def _options(options: Sequence[Option]) -> str:
    return table([(f"--{option.name}", _default(option), option.help) for option in options])


def _default(option: Option) -> str:
    choices = [f"[{word}]" if word == option.default else word for word in option.choices]
    return "|".join(choices) or option.default


def _json(pattern: Pattern) -> Mapping[str, Any]:
    return {
        "name": pattern.name,
        "templates": None if pattern.root == OWN_ROOT else str(pattern.root),
        "title": pattern.title,
        "summary": pattern.summary,
        "kv_calls": pattern.kv_calls,
        "needs": pattern.needs,
        "languages": {
            language: {
                "handler": BY_NAME[language].handler,
                "handler_lines": handler_lines(pattern, language),
            }
            for language in pattern.languages
        },
        "options": [
            {
                "name": option.name,
                "default": option.default,
                "help": option.help,
                **({"choices": list(option.choices)} if option.choices else {}),
            }
            for option in (*pattern.options, *ALL_COMMON)
        ],
    }
