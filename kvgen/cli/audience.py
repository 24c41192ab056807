"""The reader of a server's output: when the reader is gone, the server ends."""

import asyncio
import contextlib
import errno
import os
import select
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from kvgen.cli.failures import discard
from kvgen.errors import KvgenError

_STDOUT = 1

_Event = TypeVar("_Event")


@contextlib.asynccontextmanager
async def told(say: Callable[[_Event], None]) -> AsyncIterator[Callable[[_Event], None]]:
    """Yield a function that passes events to ``say`` and raises nothing.

    At the first one that cannot be printed the block is cancelled; it is then left with
    BrokenPipeError if the reader is gone (``| head -2``), else with KvgenError.
    """
    task = asyncio.current_task()
    assert task is not None
    failures: list[OSError] = []

    def fail(error: OSError) -> None:
        if not failures:
            failures.append(error)
            task.cancel()

    def report(event: _Event) -> None:
        try:
            if not failures:
                say(event)
        except OSError as error:
            fail(error)

    with _noticing_the_reader(fail):
        try:
            yield report
        except asyncio.CancelledError:
            if not failures:
                raise
    if failures:
        discard(sys.stdout)
        raise _as_error(failures[0])


def _as_error(failure: OSError) -> Exception:
    if isinstance(failure, BrokenPipeError):
        return failure
    return KvgenError(f"the output cannot be written: {failure.strerror}")


@contextlib.contextmanager
def _noticing_the_reader(fail: Callable[[OSError], None]) -> Iterator[None]:
    """Fail as soon as stdout is a pipe without a reader, and not only when a line is due."""
    if not stat.S_ISFIFO(os.fstat(_STDOUT).st_mode):
        yield
        return
    loop = asyncio.get_running_loop()

    def look() -> None:
        loop.remove_reader(_STDOUT)
        if _has_no_reader():
            fail(BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)))

    loop.add_reader(_STDOUT, look)  # called for errors of a pipe too, which are all there is here
    try:
        yield
    finally:
        loop.remove_reader(_STDOUT)


def _has_no_reader() -> bool:
    poll = select.poll()
    poll.register(_STDOUT, 0)
    return any(state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0))
