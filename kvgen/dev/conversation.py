"""One client of the tap: its requests, one after the other, and what the function answers."""

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import h11

from kvgen.dev.refusals import RefusedError, check_request, refusal
from kvgen.dev.upstream import PIECE, Upstream, connect
from kvgen.kv import bounds

if TYPE_CHECKING:
    from kvgen.dev.tap import Tap


class _GoneError(Exception):
    """The client has left."""


class Conversation:
    """A connection of a client, which the crowd may drop when it is not the function's turn."""

    def __init__(
        self, tap: "Tap", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._tap, self._reader, self._writer = tap, reader, writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=bounds.LONGEST_HEAD)
        self._upstream: Upstream | None = None
        self._is_asked = self._is_unread = False
        self._asked = asyncio.Event()
        self.since = self._rested = asyncio.get_running_loop().time()
        writer.transport.set_write_buffer_limits(high=2 * PIECE)

    @property
    def is_waiting(self) -> bool:
        """Whether it is the client's turn: to ask, to send the rest, to read the response."""
        is_asking = self._http.their_state is h11.SEND_BODY
        return not self._is_asked or is_asking or self._is_unread

    def drop(self) -> None:
        """Close it at once."""
        self._writer.transport.abort()

    async def run(self) -> None:
        """Respond to requests until one of the two sides closes the connection."""
        try:
            await self._answer_all()
        except _GoneError:
            return
        except RefusedError as error:
            if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
                self.drop()  # in the middle of a response: it must not look complete
                return
            self._writer.write(refusal(error.status, error.reason))
        finally:
            if self._upstream:
                self._upstream.abort()
        await self._linger()

    async def _answer_all(self) -> None:
        while request := await self._head():
            self._is_asked = True
            began = time.perf_counter()
            try:
                check_request(request, self._tap.hosts)
                await self._exchange(request, began)
            except RefusedError as error:
                if self._http.our_state is h11.SEND_RESPONSE:
                    self._tap.report(request, error.status, began)
                raise
            if {self._http.our_state, self._http.their_state} != {h11.DONE}:
                return
            self._http.start_next_cycle()

    async def _head(self) -> h11.Request | None:
        """Return the next request, or None where none comes."""
        self._is_asked, self.since = False, asyncio.get_running_loop().time()
        try:
            if not self._http.trailing_data[0]:
                async with asyncio.timeout(bounds.IDLE_SECONDS):
                    await self._receive()
        except TimeoutError:
            return None
        self.since = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(bounds.HEAD_SECONDS):
                event = await self._event()
        except TimeoutError:
            raise RefusedError(408, "The request took too long.") from None
        return event if isinstance(event, h11.Request) else None

    async def _event(self) -> object:
        """Return h11's next event of the client's; raises RefusedError if it has none."""
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                await self._receive()
        except h11.RemoteProtocolError as error:
            what = str(error).partition(": bytearray")[0]
            raise RefusedError(error.error_status_hint, f"Not an HTTP request: {what}.") from None
        return event

    async def _receive(self) -> None:
        data = await self._reader.read(PIECE)
        if not data:
            raise _GoneError
        self._http.receive_data(data)

    async def _exchange(self, request: h11.Request, began: float) -> None:
        """Hand the request on while its response is handed back, until that is complete."""
        upstream = await self._connected()
        self._asked.clear()
        asking = asyncio.create_task(self._ask(upstream, request))
        answering = asyncio.create_task(self._hand_back(upstream, request, began))
        both: set[asyncio.Task[None]] = {asking, answering}
        try:
            done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if asking in done:
                asking.result()
            await answering
            # Where it came early: a client that still sends might not see the response of a
            # connection that is closed.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), bounds.LINGER_SECONDS)
            if asking.done():
                asking.result()
        except h11.ProtocolError as error:
            raise RefusedError(502, f"The function sent no HTTP response: {error}.") from None
        except OSError:
            raise RefusedError(502, "The function closed the connection.") from None
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        upstream.finish()

    async def _connected(self) -> Upstream:
        port = self._tap.port
        if port is None:
            raise RefusedError(503, "The function is not running; kvgen dev says why.")
        if not self._upstream or not self._upstream.leads_to(port):
            if self._upstream:
                self._upstream.abort()
            try:
                self._upstream = await connect(port)
            except OSError as error:
                raise RefusedError(503, f"The function cannot be reached: {error}.") from None
        return self._upstream

    async def _ask(self, upstream: Upstream, request: h11.Request) -> None:
        """Send the request, and read on: only so it shows that the client has left."""
        event: object = request
        try:
            while isinstance(event, h11.Request | h11.Data | h11.EndOfMessage):
                await upstream.send(event)
                if isinstance(event, h11.EndOfMessage):
                    break
                await self._rest()
                event = await self._event()
        finally:
            self._asked.set()
        if not self._http.trailing_data[0]:
            await self._receive()

    async def _hand_back(self, upstream: Upstream, request: h11.Request, began: float) -> None:
        event: h11.Event | None = None
        while not isinstance(event, h11.EndOfMessage):
            event = await upstream.receive()
            if isinstance(event, h11.Response):
                self._tap.report(request, event.status_code, began)
            self._writer.write(self._http.send(event) or b"")
            self._is_unread = True
            try:
                await self._writer.drain()
            except OSError:
                raise _GoneError from None
            self._is_unread = False
            await self._rest()

    async def _rest(self) -> None:
        """Leave others their turn: reading what is there already takes no time off."""
        now = asyncio.get_running_loop().time()
        if now - self._rested > bounds.PARSE_SECONDS:
            await asyncio.sleep(0)
            self._rested = asyncio.get_running_loop().time()

    async def _linger(self) -> None:
        """Let the client read the last response before the connection is reset."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(bounds.LINGER_SECONDS):
                while await self._reader.read(PIECE):
                    pass
