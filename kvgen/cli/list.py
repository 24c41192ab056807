"""`kvgen list`: the patterns, languages and options to choose from."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from kvgen.cli.overlay import around, origin_text, templates_option, warn_of_hidden
from kvgen.cli.tables import table
from kvgen.cli.terminal import block, echo, styled
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.answers import COMMON_OPTIONS
from kvgen.scaffold.catalog import handler_lines, load_pattern, pattern_names
from kvgen.scaffold.model import Option, Pattern
from kvgen.scaffold.roots import OWN_ROOT, Templates


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print everything as a JSON object.")
@templates_option
def list_patterns(as_json: bool, templates: Templates) -> None:
    """List the patterns, with what each is for, what it costs and needs, and its options."""
    templates = around(templates, Path())
    patterns = [load_pattern(name, templates) for name in pattern_names(templates)]
    if as_json:
        import json

        languages = [
            {"name": la.name, "aliases": list(la.aliases), "needs": la.needs} for la in LANGUAGES
        ]
        catalog = {"patterns": [_json(pattern) for pattern in patterns], "languages": languages}
        block(json.dumps(catalog, indent=2))
        return
    for pattern in patterns:
        _print(pattern, templates)
    needs = table([(la.name, la.needs) for la in LANGUAGES])
    echo(styled("Languages", bold=True))
    block(f"{textwrap.indent(needs, '  ')}\n")
    block(f"All of them\n{textwrap.indent(_options(COMMON_OPTIONS), '  ')}\n")
    echo("Next: kvgen show session -l go, or kvgen new session my-sessions -l go")


def _print(pattern: Pattern, templates: Templates) -> None:
    whose = f" ({origin_text(pattern)})" if origin_text(pattern) else ""
    echo(styled(pattern.name, bold=True), f": {pattern.title}{whose}")
    warn_of_hidden(pattern, templates)
    block(textwrap.indent(textwrap.fill(pattern.summary, 78), "  "))
    lengths = ", ".join(f"{name} {handler_lines(pattern, name)}" for name in pattern.languages)
    rows = [
        ("KV calls", pattern.kv_calls),
        ("needs", pattern.needs),
        ("handler", f"{lengths} lines"),
    ]
    block(textwrap.indent(table(rows), "  "))
    block(textwrap.indent(_options(pattern.options), "  ") + "\n")


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
            for option in (*pattern.options, *COMMON_OPTIONS)
        ],
    }
