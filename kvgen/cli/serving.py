"""What `kvgen dev` and `kvgen kv serve` share: whom they answer, and how they complain."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kvgen.cli.terminal import tell

_F = TypeVar("_F", bound=Callable[..., Any])
_SECONDS = 1.0


def host_options(command: _F) -> _F:
    """Add --host and --allow-host."""
    command = click.option(
        "--allow-host",
        "allowed",
        multiple=True,
        metavar="NAME",
        help="Also serve this host name, such as a tunnel's or a container's; may be "
        "repeated.  [default: localhost, 127.0.0.1 and the like, and --host]",
    )(command)
    return click.option(
        "--host", default="127.0.0.1", show_default=True, help="The address to bind."
    )(command)


class Complaints(logging.Handler):
    """Prints what libraries log as one line each, and of one kind one a second at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._clock = clock
        self._last: dict[tuple[Any, ...], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        error = record.exc_info[1] if record.exc_info else None
        kind = (record.name, record.msg if error is None else type(error), _number(error))
        now = self._clock()
        if now - self._last.get(kind, -_SECONDS) < _SECONDS:
            return
        if len(self._last) > 100:
            self._last.clear()
        self._last[kind] = now
        tell(_line(record, error), err=True)


def complain_briefly() -> None:
    """Let what goes wrong in a server be lines rather than tracebacks."""
    root = logging.getLogger()
    if not any(isinstance(handler, Complaints) for handler in root.handlers):
        root.addHandler(Complaints())


def _number(error: BaseException | None) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _line(record: logging.LogRecord, error: BaseException | None) -> str:
    # Only the first line: asyncio adds what it knows of the task below it.
    said = record.getMessage().partition("\n")[0]
    if error is None:
        return said
    return f"{said}: {type(error).__name__}: {error}{_place(error)}"


def _place(error: BaseException) -> str:
    """Return where an internal error of kvgen was raised."""
    trace = error.__traceback__
    if trace is None or isinstance(error, OSError):
        return ""
    while trace.tb_next:
        trace = trace.tb_next
    return f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
