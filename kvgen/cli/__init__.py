"""One small module a command; the only room that imports click, prints or exits."""

import gc

import click

from kvgen import __version__
from kvgen.cli.failures import BadUsageError, FailedError, StoppedError
from kvgen.cli.lazy import LazyGroup
from kvgen.cli.terminal import prepare
from kvgen.errors import InvalidAnswerError, KvgenError

COMMANDS = {
    "new": ("kvgen.cli.new:new", "Scaffold an edge function into a new folder."),
    "add": ("kvgen.cli.add:add", "Add a pattern to a function that exists."),
    "remove": ("kvgen.cli.add:remove", "Take a pattern out of a function."),
    "list": ("kvgen.cli.list:list_patterns", "List the patterns and what to choose between."),
    "show": ("kvgen.cli.show:show", "Print the code that would be written."),
    "regenerate": ("kvgen.cli.regenerate:regenerate", "Render folders again, edits kept."),
    "dev": ("kvgen.cli.dev:dev", "Run the function of a folder with an embedded KV."),
    "kv": ("kvgen.cli.kv:kv", "Serve the embedded KV, and read and write keys."),
    "check": ("kvgen.cli.check:check", "Tell whether a folder would deploy."),
    "docs": ("kvgen.cli.docs:docs", "Print the use-case page, or refresh the code in yours."),
    "demo": ("kvgen.cli.demo:demo", "See it all in one screen, in four languages over one KV."),
}

_OBJECTS_PER_SWEEP = 50_000


class Commands(LazyGroup):
    """The group of all commands; it also turns kvgen's errors into click's."""

    def invoke(self, ctx: click.Context) -> object:
        # Imported here: --help has nothing to clean up.
        from kvgen.cli.signals import raising_interrupted

        # What a command imports lives as long as the process: to look through it for garbage every
        # 700 objects is a twentieth of what `kvgen new` takes.
        gc.set_threshold(_OBJECTS_PER_SWEEP)
        try:
            with raising_interrupted():
                return super().invoke(ctx)
        except InvalidAnswerError as error:
            raise BadUsageError(error) from None
        except KvgenError as error:
            raise FailedError(error) from None
        except (KeyboardInterrupt, click.Abort) as error:
            raise StoppedError("Stopped.", error) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            raise FailedError(KvgenError(_reason(error))) from None


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


@click.group(
    cls=Commands,
    targets=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", message="kvgen %(version)s")
def main() -> None:
    """Scaffold, run and regenerate Telnyx KV edge functions.

    Sessions, response caching and feature flags, in JavaScript, TypeScript, Python and Go.
    """
    prepare()
