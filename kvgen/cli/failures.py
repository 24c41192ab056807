"""How a command ends when it does not do what was asked: what the terminal sees, and the status."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO, Any, TextIO

import click

from kvgen.errors import KvgenError

_SIGNALLED = 128  # and the number of the signal, as shells have it
_CTRL_C = 2


class Interrupted(KeyboardInterrupt):
    """A signal that ends kvgen: Ctrl-C, or another one that is handled like it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _Failure(click.ClickException):
    """An error whose message cannot fail itself, even if the terminal is gone or the disk full."""

    def show(self, file: IO[Any] | None = None) -> None:
        try:
            self._show(file)
        except OSError:
            discard(sys.stderr)

    def _show(self, file: IO[Any] | None) -> None:
        super().show(file)


class FailedError(_Failure):
    """A KvgenError on its way to stderr, with exit status 1."""

    def __init__(self, error: KvgenError) -> None:
        super().__init__(error.message)
        self._hint = error.hint

    def show(self, file: IO[Any] | None = None) -> None:
        # Imported here: --help and --version need none of it.
        from kvgen.cli.terminal import echo

        echo(f"Error: {self.message}", err=True)
        if self._hint:
            echo(f"Hint: {self._hint}", err=True)


class BadUsageError(FailedError):
    """The same for bad usage, with exit status 2."""

    exit_code = 2


class MisusedError(_Failure):
    """click's own complaint of a command line: how it is used, and what is wrong."""

    exit_code = 2

    def __init__(self, error: click.UsageError) -> None:
        from kvgen.cli.terminal import printable

        # click quotes a file's name as it is.
        error.message = printable(error.message)  # type: ignore[misc] # final there
        super().__init__(error.format_message())
        self._ctx = error.ctx

    def _show(self, file: IO[Any] | None) -> None:
        from kvgen.cli.terminal import block

        if self._ctx:
            help_of = f"Try '{self._ctx.command_path} --help' for help."
            block(f"{self._ctx.get_usage()}\n{help_of}\n", err=True)
        block(f"Error: {self.message}", err=True, fill=True)


@contextlib.contextmanager
def misuse() -> Iterator[None]:
    """Turn click's complaints in the block into ones that fit the terminal."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:  # not an error: it prints the help
        raise
    except click.UsageError as error:
        raise MisusedError(error) from None


class StoppedError(_Failure):
    """A signal, or the end of input at a question; the exit status says which."""

    def __init__(self, message: str, cause: BaseException) -> None:
        super().__init__(message)
        self.exit_code = _exit_code(cause)  # type: ignore[misc] # click has one a class

    def _show(self, file: IO[Any] | None) -> None:
        if sys.stderr and sys.stderr.isatty():
            click.echo(err=True)  # The terminal has just printed ^C, or nothing yet.
        click.echo(self.message, file=file, err=True)


def _exit_code(cause: BaseException | None) -> int:
    """Return 128 and the number of the signal at the root of an exception, and 1 without one."""
    while cause:
        if isinstance(cause, KeyboardInterrupt):
            return _SIGNALLED + getattr(cause, "number", _CTRL_C)
        cause = cause.__context__  # click turns a KeyboardInterrupt at a question into its Abort
    return 1


@contextlib.contextmanager
def stopping_leaves(what: str) -> Iterator[None]:
    """Say of a signal within the block what it leaves: ``Stopped: nothing was written.``"""
    try:
        yield
    except (KeyboardInterrupt, click.Abort) as error:
        raise StoppedError(f"Stopped: {what}.", error) from None


def discard(stream: TextIO | None) -> None:
    """Lead a stream that takes no more to the null device: its rest would fail at the exit."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)
