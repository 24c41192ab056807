"""Ctrl-C, SIGTERM and SIGHUP: each ends a command once, when it has cleaned up, with its status."""

import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

from kvgen.cli.failures import Interrupted, StoppedError
from kvgen.errors import KvgenError
from kvgen.files.signals import ENDING

_T = TypeVar("_T")


@contextlib.contextmanager
def raising_interrupted() -> Iterator[None]:
    """Raise Interrupted in the block at each of the signals."""

    def interrupt(number: int, _: FrameType | None) -> None:
        raise Interrupted(number)

    with _handled(interrupt):
        yield


async def stoppable(work: Coroutine[Any, Any, _T]) -> _T:
    """Await ``work``; the first signal cancels it, and StoppedError is raised when it is done.

    Later ones do nothing: they would cut short what is being cleaned up.
    """
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    came: list[int] = []

    def cancel(number: int, _: FrameType | None) -> None:
        came.append(number)
        if len(came) == 1:
            loop.call_soon_threadsafe(task.cancel)

    with _handled(cancel):
        try:
            return await task
        except (asyncio.CancelledError, KvgenError, OSError):
            if came:  # whatever it left undone
                raise StoppedError("Stopped.", Interrupted(came[0])) from None
            raise


@contextlib.contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have the signals handled within the block."""
    # nohup has SIGHUP ignored, and means it.
    numbers = [n for n in ENDING if n != signal.SIGHUP or signal.getsignal(n) != signal.SIG_IGN]
    try:
        before = {number: signal.signal(number, handler) for number in numbers}
    except ValueError:  # this is not the main thread
        before = {}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
