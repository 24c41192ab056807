"""One small module a command; the only room that imports click, prints or exits."""

import os
import sys
from typing import Any

import click

from kvgen import __version__
from kvgen.cli.failures import BadUsageError, FailedError, StoppedError, discard, misuse
from kvgen.cli.lazy import LazyGroup
from kvgen.cli.terminal import prepare
from kvgen.errors import InvalidAnswerError, KvgenError

COMMANDS = {
    "new": ("kvgen.cli.new:new", "Scaffold an edge function into a new folder."),
    "add": ("kvgen.cli.add:add", "Add a pattern to a function that exists."),
    "remove": ("kvgen.cli.add:remove", "Take a pattern out of a function."),
    "list": ("kvgen.cli.list:list_patterns", "List the patterns and what to choose between."),
    "show": ("kvgen.cli.show:show", "Print the code that would be written."),
    "regenerate": ("kvgen.cli.regenerate:regenerate", "Render folders again and keep your edits."),
    "dev": ("kvgen.cli.dev:dev", "Run the function of a folder with an embedded KV."),
    "kv": ("kvgen.cli.kv:kv", "Serve the embedded KV, and read and write keys."),
    "check": ("kvgen.cli.check:check", "Check whether a folder would deploy."),
    "docs": ("kvgen.cli.docs:docs", "Print the use-case page, or refresh the code in yours."),
    "template": ("kvgen.cli.template:template", "Start a pattern of your own, and check it."),
    "demo": ("kvgen.cli.demo:demo", "Show kvgen in one screen: four languages over one KV."),
    "completion": ("kvgen.cli.completion:completion", "Print a script that completes words."),
}

_SCAFFOLD = "to scaffold a function: kvgen new"
_RUN = "to run a function on this machine: kvgen dev; the KV alone: kvgen kv serve"
_RENDER = "to bring functions up to date: kvgen regenerate; kvgen itself: pip install -U kvgen"
_DEPLOY = "kvgen check says if a folder would; then telnyx-edge ship --from-dir FOLDER"
#: Words that people try, with what they may mean.
MEANINGS = {
    **dict.fromkeys(("create", "init", "scaffold", "generate", "make"), _SCAFFOLD),
    **dict.fromkeys(("run", "serve", "start", "watch", "preview"), _RUN),
    **dict.fromkeys(("update", "upgrade", "render", "sync"), _RENDER),
    **dict.fromkeys(("deploy", "ship", "publish"), _DEPLOY),
    "resolve": "to solve a conflict: kvgen regenerate --resolve FILE=SIDE",
    "delete": "to take a pattern out of a function: kvgen remove; a key: kvgen kv delete",
    "test": "a function has tests of its own: see its README.md",
    "help": "kvgen --help, and kvgen COMMAND --help",
}


class Commands(LazyGroup):
    """The group of all commands; it also turns kvgen's errors into click's."""

    def meaning_of(self, word: str) -> str | None:
        from kvgen.scaffold.catalog import pattern_names

        if word in pattern_names():
            return f"to scaffold one: kvgen new {word}; to add it to a function: kvgen add {word}"
        return super().meaning_of(word)

    def main(self, *args: Any, **options: Any) -> Any:
        if "_KVGEN_COMPLETE" in os.environ:
            import kvgen.cli.completion  # noqa: F401 - it tells click what is different in bash

        return super().main(*args, **options)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        try:
            with misuse():
                return super().make_context(*args, **options)
        except BrokenPipeError:
            raise
        except OSError as error:  # --help and --version print from here
            raise _unprinted(error) from None

    def invoke(self, ctx: click.Context) -> object:
        # Imported here: --help has nothing to clean up.
        from kvgen.cli.signals import raising_interrupted

        try:
            with raising_interrupted(), misuse():
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
            raise _unprinted(error) from None


def _unprinted(error: OSError) -> FailedError:
    """Return what to say of an error; one without a file's name is that of the output."""
    if error.filename is None:
        discard(sys.stdout)
    return FailedError(KvgenError(_reason(error)))


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


@click.group(
    cls=Commands,
    targets=COMMANDS,
    meanings=MEANINGS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", message="kvgen %(version)s")
def main() -> None:
    """Scaffold, run and regenerate Telnyx KV edge functions.

    Sessions, response caching, feature flags and webhooks, in JavaScript, TypeScript, Python
    and Go.
    """
    prepare()
