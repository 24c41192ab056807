"""A gate before the KV: it lets requests through, or fails as a network or a server would."""

import asyncio
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass

_JSON_ERROR = b'{"errors":[{"code":"10000","title":"made up","detail":"for a test"}]}'
_DRIP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Stall:
    """An answer that begins with ``head`` and never ends; ``drip`` goes on coming, bit by bit."""

    head: bytes = b""
    drip: bytes = b""


class Cut(bytes):
    """Bytes after which an origin closes the connection, whatever they say of their length."""


#: Bytes answer; where they are no whole answer the connection is closed, if empty without a word.
Fault = bytes | Stall


def answer(status: int, body: bytes = _JSON_ERROR, *headers: str) -> bytes:
    """Return a whole HTTP response with a true Content-Length."""
    lines = [f"HTTP/1.1 {status} Made-Up", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


#: What a store or a network may do to any request: as an answer, and as one that never comes.
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
GARBAGE = b"garbage\r\n\r\n"
HUGE = answer(200, b"x" * 10_000_000)
HANG = Stall()
STALLED = Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
DRIPPING = Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x")


def only(method: str, fault: Fault) -> Callable[[bytes], Fault | None]:
    """Fail the requests of one method."""
    return lambda request: fault if request.startswith(method.encode()) else None


class Gate:
    """Listens on loopback; a fault is None for open, a Fault, or a function of the request.

    ``hits`` counts the requests, and ``connections`` those made, since the fault was last changed;
    ``stalled`` are those whose answer never ends. Connections that are idle stay open, since a
    client cannot be blamed for using one that is about to be closed.
    """

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._fault: object = None
        self._remaining: int | None = None
        self.stalled: set[asyncio.StreamWriter] = set()
        self._tasks: set[object] = set()
        self._loop = asyncio.get_running_loop()
        self.hits = self.connections = 0
        self.port = 0

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**21)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._drop()
            server.close()

    def fail(self, fault: object, times: int | None = None) -> None:
        """Answer with ``fault`` from now on, or ``times`` times; callable from any thread."""
        done = asyncio.run_coroutine_threadsafe(self._set(fault, times), self._loop)
        done.result(timeout=20)

    async def _set(self, fault: object, times: int | None) -> None:
        self._fault, self._remaining = fault, times
        self.hits = self.connections = 0
        self._drop()

    def _drop(self) -> None:
        for writer in list(self.stalled):
            writer.transport.abort()

    def _next_fault(self, request: bytes) -> object:
        self.hits += 1
        fault = self._fault(request) if callable(self._fault) else self._fault
        if self._remaining is not None and fault is not None:
            self._remaining -= 1
            if self._remaining == 0:
                self._fault = self._remaining = None
        return fault

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The event loop itself forgets a task whose connection has gone.
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        try:
            while True:
                request = await _message(reader)
                fault = self._next_fault(request)
                if fault is None:
                    writer.write(await _ask(self._upstream, request))
                elif not await self._misbehave(fault, reader, writer):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass  # The other side went away, which is half of what a gate is for.
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _misbehave(
        self, fault: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Do it, and tell whether the connection goes on."""
        if isinstance(fault, Stall):
            self.stalled.add(writer)
            await stall(fault, reader, writer)
            self.stalled.discard(writer)
            return False
        assert isinstance(fault, bytes)
        writer.write(fault)
        await writer.drain()
        length = re.search(rb"Content-Length: (\d+)", fault)
        return bool(length and len(fault.partition(b"\r\n\r\n")[2]) == int(length[1]))


async def stall(fault: Stall, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin an answer, and go on until the other side gives up."""
    writer.write(fault.head)
    gone = asyncio.ensure_future(reader.read())
    while not gone.done():
        if fault.drip and not writer.is_closing():
            writer.write(fault.drip)
        await asyncio.wait([gone], timeout=_DRIP_SECONDS if fault.drip else None)
    with contextlib.suppress(OSError):
        gone.result()


async def _ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**21)
    try:
        writer.write(request)
        return await _message(reader)
    finally:
        writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read a whole request or answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")
