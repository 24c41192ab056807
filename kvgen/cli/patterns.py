"""A command whose subcommands are the patterns of the catalog."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from kvgen.cli.failures import stopping_leaves
from kvgen.cli.lazy import Context
from kvgen.cli.overlay import around, environment_and, shown_option, taken_from
from kvgen.cli.questions import ask_pattern
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.model import Pattern
from kvgen.scaffold.project import PROJECT_FILE
from kvgen.scaffold.roots import OWN, Templates

#: Makes the command of a pattern, given where it and its like are looked up.
CommandFor = Callable[[Pattern, Templates], click.Command]

NOTHING_WRITTEN = "nothing was written"  # by a command that is stopped


class PatternGroup(click.Group):
    """A subcommand for each pattern, with that pattern's options and no others.

    ``for_folder`` says that the command is about a folder, whose kvgen.toml may name templates.
    """

    def __init__(
        self, *, command_for: CommandFor, for_folder: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self.params.append(shown_option())
        self._command_for = command_for
        self._for_folder = for_folder

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        args, given = taken_from(args)
        ctx.obj = environment_and(given)
        if self._for_folder:
            ctx.obj = around(ctx.obj, _folder_among(args))
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return pattern_names(ctx.obj or OWN)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        templates = ctx.obj or OWN  # a context that nobody parsed arguments for has none
        if cmd_name not in pattern_names(templates):
            return None
        command = self._command_for(load_pattern(cmd_name, templates), templates)
        command.context_class = Context
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and not ctx.resilient_parsing:
            load_pattern(args[0], ctx.obj)
        return super().resolve_command(ctx, args)


def ask_and_run(ctx: click.Context, example: str) -> None:
    """Run the command of a pattern that is asked for, if the command line names none."""
    if ctx.invoked_subcommand is not None:
        return
    assert isinstance(ctx.command, PatternGroup)
    with stopping_leaves(NOTHING_WRITTEN):
        command = ctx.command.get_command(ctx, ask_pattern(example, ctx.obj))
    assert command  # which is what was asked for
    with command.make_context(f"{ctx.info_name} {command.name}", [], parent=ctx) as below:
        command.invoke(below)


def _folder_among(args: Sequence[str]) -> Path:
    """Return the function's folder: which options there are is only known by its templates."""
    # Of the arguments some are values of options, and no paths at all.
    found = (text for text in args[1:] if os.path.isfile(os.path.join(text, PROJECT_FILE)))
    return Path(next(found, "."))
