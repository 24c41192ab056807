"""A pattern's options as options of a command, and what was given for them."""

from collections.abc import Iterable, Mapping

import click

from kvgen.cli.completers import choices
from kvgen.scaffold.model import Option

_PREFIX = "option_"


def option_for(option: Option) -> click.Option:
    """Return the command line's option for one of a pattern or of a function."""
    default = f"  [default: {option.default}]" if option.default else ""
    kinds = {"duration-or-zero": "duration"}
    return click.Option(
        [f"--{option.name}", _parameter(option)],
        metavar="|".join(option.choices) or kinds.get(option.kind, option.kind).upper(),
        help=option.help + default,
        shell_complete=choices(option) if option.choices else None,
    )


def given_options(
    options: Iterable[Option], parameters: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the texts that were given, by the option's name."""
    by_parameter = {_parameter(option): option.name for option in options}
    return {by_parameter[key]: text for key, text in parameters.items() if text is not None}


def _parameter(option: Option) -> str:
    return _PREFIX + option.name.replace("-", "_")
