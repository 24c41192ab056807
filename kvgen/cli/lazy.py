"""A group whose commands are imported when they run, so that --help costs no more than click."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from kvgen.errors import InvalidAnswerError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_ALIKE = 0.76  # "lint" is less like "list" than that


class Context(click.Context):
    """The state of a command line, with help that fits the terminal."""

    def make_formatter(self) -> click.HelpFormatter:
        from kvgen.cli.helping import Formatter

        return Formatter()


class LazyGroup(click.Group):
    """A group over ``{name: (module:attribute, one line of help)}``.

    ``meanings`` are hints for words that people try and that are not commands.
    """

    def __init__(
        self,
        *,
        targets: Mapping[str, tuple[str, str]],
        meanings: Mapping[str, str] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.context_class = Context
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
        command.context_class = Context
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing:  # as it is where a shell asks what may come next
            self._refuse_unknown(ctx, args[0])
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        from click.shell_completion import CompletionItem

        commands = [
            CompletionItem(name, help=line)
            for name, (_, line) in self._targets.items()
            if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def _refuse_unknown(self, ctx: click.Context, name: str) -> None:
        if name in self._targets or name.startswith("-"):
            return
        if meant := self.meaning_of(name):
            raise InvalidAnswerError(f"no command {name!r}", meant)
        raise click.exceptions.NoSuchCommand(
            name, possibilities=_near(name, self._targets), ctx=ctx
        )

    def meaning_of(self, word: str) -> str | None:
        """Return a hint for a word that is not a command."""
        return self._meanings.get(word)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._targets.items()])


def _near(name: str, known: Iterable[str]) -> list[str]:
    """Return what may have been meant: a wrong guess is worse than none."""
    from difflib import get_close_matches

    known = list(known)
    meant = [word for word in known if word.startswith(name) or sorted(word) == sorted(name)]
    return meant or get_close_matches(name, known, cutoff=_ALIKE)
