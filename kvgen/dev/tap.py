"""A proxy in front of the function on a fixed port: passes requests on and reports them.

It passes on only valid HTTP. Requests that h11 refuses get an error here, as they do in front of
the platform, and never reach the function's server.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import h11

from kvgen.dev.conversation import Conversation
from kvgen.dev.refusals import refusal
from kvgen.dev.upstream import PIECE
from kvgen.kv.crowd import Crowd
from kvgen.kv.hosts import Hosts
from kvgen.kv.server import ACCEPTED_AT_ONCE, BACKLOG


@dataclass(frozen=True, slots=True)
class Front:
    """Where requests come in: a socket that listens, and the names that it may be asked for."""

    listener: socket.socket
    hosts: Hosts


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that got a response, from the function or from the tap.

    ``began`` is a time of ``perf_counter``.
    """

    method: str
    target: str
    status: int
    milliseconds: float
    began: float


class Tap:
    """Leads requests to the function's present port; ``port`` is None while there is none."""

    def __init__(self, on_answer: Callable[[Answered], None], hosts: Hosts) -> None:
        self.port: int | None = None
        self.hosts = hosts
        self.crowd: Crowd[Conversation] = Crowd()
        self._on_answer = on_answer
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Accept connections while the block runs; those that are open at its end are cut."""
        server = await asyncio.start_server(
            self._serve, sock=listener, limit=PIECE, backlog=ACCEPTED_AT_ONCE
        )
        listener.listen(BACKLOG)  # the event loop takes the two for the same
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()

    def lead_to(self, port: int) -> None:
        """Lead to another port from now on: no request meets the old function again."""
        self.port = port

    def report(self, request: h11.Request, status: int, began: float) -> None:
        """Tell of the response to a request that began at this time of ``perf_counter``."""
        elapsed = (time.perf_counter() - began) * 1000
        method, target = request.method.decode(), request.target.decode("latin-1")
        self._on_answer(Answered(method, target, status, elapsed, began))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        conversation = Conversation(self, reader, writer)
        try:
            if self.crowd.admit(conversation):
                await conversation.run()
            else:
                writer.write(refusal(503, "There are too many requests at once."))
        except (OSError, asyncio.CancelledError):
            pass  # One of the two sides is gone, or kvgen is ending.
        finally:
            self.crowd.leave(conversation)
            writer.close()
