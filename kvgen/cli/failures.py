"""How a command ends when it does not do what was asked: what the terminal sees, and the status."""

import contextlib
import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from kvgen.errors import KvgenError


class FailedError(click.ClickException):
    """A KvgenError on its way to stderr, with exit status 1."""

    def __init__(self, error: KvgenError) -> None:
        super().__init__(f"{error.message}\nHint: {error.hint}" if error.hint else error.message)


class BadUsageError(FailedError):
    """The same for bad usage, with exit status 2."""

    exit_code = 2


class StoppedError(click.ClickException):
    """Ctrl-C, or the end of input at a question; exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        if sys.stderr.isatty():
            click.echo(err=True)  # The terminal has just printed ^C, or nothing yet.
        click.echo(self.message, file=file, err=True)


@contextlib.contextmanager
def stopping_leaves(what: str) -> Iterator[None]:
    """Say of Ctrl-C within the block what it leaves: ``Stopped: nothing was written.``"""
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        raise StoppedError(f"Stopped: {what}.") from None
