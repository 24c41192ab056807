"""Writes that arrive together share a transaction; each gets its response after the commit."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

_T = TypeVar("_T")
_Waiting = list[tuple[Callable[[], Any], "asyncio.Future[Any]"]]


class Commits:
    """Gathers the writes of one turn of the event loop; everything else is done at once."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[None]]) -> None:
        self._transaction = transaction
        self._waiting: _Waiting = []

    async def run(self, action: Callable[[], _T]) -> _T:
        """Return what the action returns."""
        return action()

    async def write(self, action: Callable[[], _T]) -> _T:
        """Do what the action writes, and return its result once that is durable."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._commit)
        done: asyncio.Future[_T] = loop.create_future()
        self._waiting.append((action, done))
        return await done

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            with self._transaction():
                results = [action() for action, _ in waiting]
        except Exception:
            # A single write may have failed them all, such as a value too large for the disk:
            # each is tried again by itself, and gets its own result.
            for action, done in waiting:
                _settle(done, action)
        else:
            for (_, done), result in zip(waiting, results, strict=True):
                if not done.done():  # whoever waited may have gone away
                    done.set_result(result)


def _settle(done: "asyncio.Future[Any]", action: Callable[[], Any]) -> None:
    try:
        result = action()
    except Exception as error:
        if not done.done():
            done.set_exception(error)
    else:
        if not done.done():
            done.set_result(result)
