"""--templates: which folders of templates a command looks into."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from kvgen.cli.terminal import block
from kvgen.errors import KvgenError
from kvgen.scaffold.catalog import hidden_roots
from kvgen.scaffold.model import Pattern
from kvgen.scaffold.project import PROJECT_FILE, read_project
from kvgen.scaffold.roots import (
    OWN_ROOT,
    VARIABLE,
    Templates,
    chosen_templates,
    of_function,
    with_record,
)

_NAME = "--templates"
_HELP = f"A folder with patterns of your own.  [default: {VARIABLE}, and the one in kvgen.toml]"


def templates_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option, which comes to it as Templates."""
    return click.option(
        _NAME,
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=lambda _, __, given: environment_and(given),
        help=_HELP,
    )(command)


def shown_option() -> click.Option:
    """Return the option for the help of a command that gets it by `taken_from`."""
    return click.Option([_NAME], metavar="DIR", expose_value=False, help=_HELP)


def taken_from(arguments: Sequence[str]) -> tuple[list[str], Path | None]:
    """Split off the option, wherever it stands: what comes after it may be a pattern from there."""
    left: list[str] = []
    given = None
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            return [*left, argument, *waiting], given
        if argument == _NAME and waiting:
            given = Path(waiting.pop(0))
        elif argument.startswith(f"{_NAME}="):
            given = Path(argument.partition("=")[2])
        else:
            left.append(argument)
    return left, given


def environment_and(given: Path | None) -> Templates:
    """Return where to look: in what was given, and in what the environment says."""
    return chosen_templates(given, os.environ.get(VARIABLE, ""))


def around(templates: Templates, folder: Path) -> Templates:
    """Return where to look from a folder, which may be a function with templates of its own.

    A kvgen.toml that is not right is left to the command that works on it.
    """
    if not (folder / PROJECT_FILE).is_file():
        return templates
    try:
        recorded = read_project(folder).templates
    except KvgenError:
        return templates
    return of_function(templates, folder, recorded)


def origin_text(pattern: Pattern) -> str:
    """Say whose a pattern is, where it is not kvgen's."""
    return "" if pattern.root == OWN_ROOT else f"from {pattern.root}"


def warn_of_hidden(pattern: Pattern, templates: Templates) -> None:
    """Say that a pattern was taken, and another of the same name was not."""
    for root in hidden_roots(pattern, templates):
        whose = "kvgen's own" if root == OWN_ROOT else f"the one in {root}"
        text = f"Warning: the pattern {pattern.name} comes from {pattern.root}, which hides {whose}"
        block(text, fg="yellow", err=True)


def warn_of_unrecorded(pattern: Pattern, templates: Templates, folder: Path) -> None:
    """Say that a function does not know where its pattern comes from, as later commands have to."""
    if pattern.root != OWN_ROOT and not with_record(templates, folder).recorded:
        text = (
            f"Warning: kvgen.toml does not record the templates in {pattern.root}: later commands "
        )
        block(f"{text}need {_NAME} or {VARIABLE}, too", fg="yellow", err=True, fill=True)
