"""One small module a command; the only room that imports click, prints or exits."""

from importlib import import_module

import click

from kvgen import __version__
from kvgen.errors import InvalidAnswerError, KvgenError

# Modules are imported when their command runs, so that --help costs no more than click does.
COMMANDS = {
    "new": "Scaffold an edge function into a new folder.",
    "dev": "Run the function of a folder with an embedded KV.",
    "kv": "Serve the embedded KV, and read and write keys.",
    "demo": "See a session counted by three languages over one KV.",
}


class FailedError(click.ClickException):
    """A KvgenError on its way to stderr, with exit status 1."""

    def __init__(self, error: KvgenError) -> None:
        super().__init__(f"{error.message}\nHint: {error.hint}" if error.hint else error.message)


class BadUsageError(FailedError):
    """The same for bad usage, with exit status 2."""

    exit_code = 2


class Commands(click.Group):
    """The group of all commands; it also turns kvgen's errors into click's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"kvgen.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except InvalidAnswerError as error:
            raise BadUsageError(error) from None
        except KvgenError as error:
            raise FailedError(error) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            raise FailedError(KvgenError(_reason(error))) from None


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="kvgen %(version)s")
def main() -> None:
    """Scaffold, run and regenerate Telnyx KV edge functions.

    Sessions, response caching and feature flags, in JavaScript, Python and Go.
    """
