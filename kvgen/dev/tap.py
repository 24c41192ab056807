"""Stands before the function on a port that stays, hands bytes on as they are, and looks on."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import h11

_SORRY = b"The function is not running; kvgen dev says why.\n"
_NOT_RUNNING = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_SORRY), _SORRY)
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that the function has answered."""

    method: str
    target: str
    status: int
    milliseconds: float


class Tap:
    """Leads connections to the function's present port; ``port`` is None while there is none."""

    def __init__(self, on_answer: Callable[[Answered], None]) -> None:
        self.port: int | None = None
        self._on_answer = on_answer
        self._tasks: set[asyncio.Task[None]] = set()
        self._observed: dict[asyncio.StreamWriter, _Observer] = {}

    @contextlib.asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Accept connections while the block runs; those that are open at its end are cut."""
        server = await asyncio.start_server(self._serve, sock=listener)
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()

    def lead_to(self, port: int) -> None:
        """Lead to another port from now on.

        Idle connections are closed, so that a client does not meet the old function again, which
        is about to end.
        """
        self.port = port
        for writer, observer in list(self._observed.items()):
            if observer.is_idle:
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._lead(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # One of the two sides is gone, or kvgen is about to end.
        finally:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(65_536)
        if not first:
            return
        if self.port is None:
            writer.write(_NOT_RUNNING)
            return
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self.port)
        observer = self._observed[writer] = _Observer(self._on_answer)
        try:
            observer.request_bytes(first)
            upstream.write(first)
            asking = asyncio.create_task(_pump(reader, upstream, observer.request_bytes))
            try:
                await _pump(upstream_reader, writer, observer.response_bytes)
            finally:
                asking.cancel()
        finally:
            del self._observed[writer]
            upstream.close()


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    observe: Callable[[bytes], None],
) -> None:
    while chunk := await reader.read(65_536):
        observe(chunk)
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


class _Observer:
    """Reads both directions of one connection; at the first thing it cannot read it looks away."""

    def __init__(self, on_answer: Callable[[Answered], None]) -> None:
        self._on_answer = on_answer
        self._asking, self._answering = h11.Connection(h11.SERVER), h11.Connection(h11.CLIENT)
        self._request: h11.Request | None = None
        self._began = 0.0
        self._blind = False

    @property
    def is_idle(self) -> bool:
        """Whether no request is waiting for its answer, as far as can be seen."""
        return self._request is None and not self._blind

    def request_bytes(self, data: bytes) -> None:
        self._feed(self._asking, data)

    def response_bytes(self, data: bytes) -> None:
        self._feed(self._answering, data)

    def _feed(self, connection: h11.Connection, data: bytes) -> None:
        if self._blind:
            return
        try:
            connection.receive_data(data)
            self._read_on()
        except h11.ProtocolError:
            self._blind = True

    def _read_on(self) -> None:
        while True:
            self._read_request()
            if not self._read_response():
                return
            # Both sides are told what the other one saw, or they would not begin anew.
            if h11.MUST_CLOSE in (*self._asking.states.values(), *self._answering.states.values()):
                self._blind = True
                return
            self._asking.start_next_cycle()
            self._answering.start_next_cycle()

    def _read_request(self) -> None:
        while (event := self._asking.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                self._request, self._began = event, time.perf_counter()
            if isinstance(event, h11.Request | h11.Data | h11.EndOfMessage):
                self._answering.send(event)
            else:
                return

    def _read_response(self) -> bool:
        """Read what there is; True once the answer is complete."""
        if self._request is None:
            return False
        while (event := self._answering.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Response):
                self._report(event)
            if isinstance(event, h11.InformationalResponse | h11.Response | h11.Data):
                self._asking.send(event)
            elif isinstance(event, h11.EndOfMessage):
                self._asking.send(event)
                self._request = None
                return self._asking.our_state is h11.DONE and self._asking.their_state is h11.DONE
            else:
                return False
        return False

    def _report(self, response: h11.Response) -> None:
        assert self._request is not None
        elapsed = (time.perf_counter() - self._began) * 1000
        method, target = self._request.method.decode(), self._request.target.decode("latin-1")
        self._on_answer(Answered(method, target, response.status_code, elapsed))
