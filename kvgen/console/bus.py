"""Hands events to every page that is open. A page that falls behind has to open its stream anew."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from kvgen.kv.problems import Problem

MOST_STREAMS = 20
_MOST_WAITING = 1000  # events of one stream

_Queue = asyncio.Queue[bytes | None]


class Bus:
    """The streams that are open. For the event loop's own thread."""

    def __init__(self) -> None:
        self._queues: set[_Queue] = set()
        self._is_closed = False

    def publish(self, **event: Any) -> None:
        """Send an event to every stream."""
        if not self._queues:
            return
        data = encoded(event)
        for queue in list(self._queues):
            try:
                queue.put_nowait(data)
            except asyncio.QueueFull:
                self._end(queue)

    def close(self) -> None:
        """End every stream, and let no other one begin."""
        self._is_closed = True
        for queue in list(self._queues):
            self._end(queue)

    def stream(self, first: bytes) -> AsyncIterator[bytes]:
        """Return a stream that begins with ``first``; raises Problem where there are too many."""
        if self._is_closed or len(self._queues) >= MOST_STREAMS:
            raise Problem(503, f"At most {MOST_STREAMS} pages may be open at once.")
        queue: _Queue = asyncio.Queue(_MOST_WAITING)
        queue.put_nowait(first)
        # From now on, and not from the first read on: no event is to fall in between.
        self._queues.add(queue)
        return self._read(queue)

    async def _read(self, queue: _Queue) -> AsyncIterator[bytes]:
        with self._leaving(queue):
            while data := await queue.get():
                yield data

    @contextlib.contextmanager
    def _leaving(self, queue: _Queue) -> Iterator[None]:
        try:
            yield
        finally:
            self._queues.discard(queue)

    def _end(self, queue: _Queue) -> None:
        self._queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


def encoded(event: dict[str, Any]) -> bytes:
    """Write one server-sent event."""
    return b"data: " + json.dumps(event, separators=(",", ":")).encode() + b"\n\n"
