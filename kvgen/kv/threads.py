"""Calls of a store on the network: in threads, so that the event loop goes on meanwhile."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


class Threads:
    """Makes each call in a thread of the event loop's own pool."""

    async def run(self, action: Callable[[], _T]) -> _T:
        """Return what the action returns."""
        return await asyncio.get_running_loop().run_in_executor(None, action)

    write = run
