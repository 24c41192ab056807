"""A command whose subcommands are the patterns of the catalog."""

from collections.abc import Callable
from typing import Any

import click

from kvgen.cli.lazy import Context
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.model import Pattern


class PatternGroup(click.Group):
    """A subcommand for each pattern, with that pattern's options and no others."""

    def __init__(self, *, command_for: Callable[[Pattern], click.Command], **options: Any) -> None:
        super().__init__(**options)
        self._command_for = command_for

    def list_commands(self, ctx: click.Context) -> list[str]:
        return pattern_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in pattern_names():
            return None
        command = self._command_for(load_pattern(cmd_name))
        command.context_class = Context
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-") and not ctx.resilient_parsing:
            load_pattern(args[0])
        return super().resolve_command(ctx, args)
