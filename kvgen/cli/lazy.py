"""A group whose commands are imported when they run, so that --help costs no more than click."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from kvgen.errors import InvalidAnswerError


class LazyGroup(click.Group):
    """A group over ``{name: (module:attribute, one line of help)}``.

    ``meanings`` are hints for words that people try and that are no commands.
    """

    def __init__(
        self,
        *,
        targets: Mapping[str, tuple[str, str]],
        meanings: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._targets = targets
        self._meanings = meanings

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._targets)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._targets:
            return None
        module, _, attribute = self._targets[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if meant := self._meanings.get(args[0]):
            raise InvalidAnswerError(f"no command {args[0]!r}", meant)
        if args[0] not in self._targets and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self._targets, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._targets.items()])
