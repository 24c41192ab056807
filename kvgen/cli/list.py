"""`kvgen list`: the patterns, languages and options to choose from."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from kvgen.cli.tables import table
from kvgen.cli.terminal import block, echo, styled
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.answers import COMMON_OPTIONS, KV_OPTION
from kvgen.scaffold.catalog import handler_lines, load_pattern, pattern_names
from kvgen.scaffold.model import Option, Pattern


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print everything as a JSON object.")
def list_patterns(as_json: bool) -> None:
    """List the patterns, with what each is for, what it costs and needs, and its options."""
    patterns = [load_pattern(name) for name in pattern_names()]
    if as_json:
        import json

        languages = [
            {"name": la.name, "aliases": list(la.aliases), "needs": la.needs} for la in LANGUAGES
        ]
        catalog = {"patterns": [_json(pattern) for pattern in patterns], "languages": languages}
        block(json.dumps(catalog, indent=2))
        return
    for pattern in patterns:
        _print(pattern)
    needs = table([(la.name, la.needs) for la in LANGUAGES])
    echo(styled("Languages", bold=True))
    block(f"{textwrap.indent(needs, '  ')}\n")
    block(f"All of them\n{textwrap.indent(_options((*COMMON_OPTIONS, KV_OPTION)), '  ')}\n")
    echo("Next: kvgen show session -l go, or kvgen new session my-sessions -l go")


def _print(pattern: Pattern) -> None:
    echo(styled(pattern.name, bold=True), f": {pattern.title}")
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
            for option in (*pattern.options, *COMMON_OPTIONS, KV_OPTION)
        ],
    }
