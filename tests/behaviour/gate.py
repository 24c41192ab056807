"""A TCP gate before the KV: it lets bytes through, or fails as a network or a server would."""

import asyncio
import contextlib

_JSON_ERROR = b'{"errors":[{"code":"10000","title":"made up","detail":"for a test"}]}'


def answer(status: int, body: bytes = _JSON_ERROR, *headers: str) -> bytes:
    """Return a whole HTTP response with a true Content-Length."""
    lines = [f"HTTP/1.1 {status} Made-Up", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Gate:
    """Listens on loopback; ``fault`` is None for open, or the bytes that answer any request.

    Empty bytes close the connection without an answer, ``HANG`` never answers. Changing the fault
    drops all connections, as a server that goes away does. ``hits`` counts requests since then.
    """

    HANG = object()

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._fault: object = None
        self._remaining: int | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.get_running_loop()
        self.hits = 0
        self.port = 0

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._drop()
            server.close()

    def fail(self, fault: object, times: int | None = None) -> None:
        """Answer with ``fault`` from now on, or ``times`` times; callable from any thread."""
        done = asyncio.run_coroutine_threadsafe(self._set(fault, times), self._loop)
        done.result(timeout=5)

    async def _set(self, fault: object, times: int | None) -> None:
        self._fault, self._remaining, self.hits = fault, times, 0
        self._drop()

    def _drop(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._fault is None:
                await self._pass(reader, writer)
            else:
                await self._misbehave(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # The other side went away, which is half of what a gate is for.
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _misbehave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.hits += 1
        fault = self._fault
        if self._remaining is not None:
            self._remaining -= 1
            if self._remaining == 0:
                self._fault = None
        if fault is self.HANG:
            await reader.read()
        elif isinstance(fault, bytes):
            writer.write(fault)
            await writer.drain()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", self._upstream)
        self._writers.add(upstream[1])
        try:
            await asyncio.gather(_pump(reader, upstream[1]), _pump(upstream[0], writer))
        finally:
            self._writers.discard(upstream[1])
            upstream[1].close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
