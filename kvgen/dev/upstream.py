"""A connection to the function: requests go out on it, and responses come in."""

import asyncio
import time

import h11

from kvgen.kv import bounds

PIECE = 16 * bounds.KIB  # bytes that are read at once, and kept of each direction
_LONGEST_HEAD = 256 * bounds.KIB  # of a response, which is the user's own
# A function may close a connection that it has not used for some seconds, in the very moment in
# which the next request goes out on it.
_FRESH_SECONDS = 1.0
_UPGRADE = {b"connection", b"upgrade", b"http2-settings"}


class Upstream:
    """One connection; ``http`` knows what was sent and received on it."""

    def __init__(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._port, self._reader, self._writer = port, reader, writer
        self._used = time.monotonic()
        self._is_lost = False

    def leads_to(self, port: int) -> bool:
        """Whether another request may go out on it, to the function at this port."""
        is_fresh = time.monotonic() - self._used < _FRESH_SECONDS
        is_free = self.http.our_state is h11.IDLE and not self._reader.at_eof()
        return self._port == port and is_fresh and is_free

    async def send(self, event: h11.Event) -> None:
        """Send a part of a request, unless the function takes no more: its response may say why."""
        data = self.http.send(_plain(event) if isinstance(event, h11.Request) else event)
        if self._is_lost:
            return
        try:
            self._writer.write(data or b"")
            await self._writer.drain()
        except OSError:
            self._is_lost = True

    async def receive(self) -> h11.Event:
        """Return the next part of a response; raises RemoteProtocolError if that is none."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self._reader.read(PIECE))
        if not isinstance(event, h11.Event):
            raise h11.RemoteProtocolError("the response goes on after its end")
        return _in_http_1_1(event)

    def finish(self) -> None:
        """Make ready for another request, or close where that cannot be."""
        if {self.http.our_state, self.http.their_state} == {h11.DONE}:
            self.http.start_next_cycle()
            self._used = time.monotonic()
        else:
            self.abort()

    def abort(self) -> None:
        """Close at once: the function learns that nobody waits for its response."""
        self._writer.transport.abort()


async def connect(port: int) -> Upstream:
    """Connect to the function."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=PIECE)
    return Upstream(port, reader, writer)


def _plain(request: h11.Request) -> h11.Request:
    """Return the request in HTTP/1.1, without an Upgrade to another protocol."""
    is_upgrade = any(name == b"upgrade" for name, _ in request.headers)
    if request.http_version == b"1.1" and not is_upgrade:
        return request
    unwanted = _UPGRADE if is_upgrade else ()
    kept = [field for field in request.headers.raw_items() if field[0].lower() not in unwanted]
    return h11.Request(method=request.method, target=request.target, headers=kept)


def _in_http_1_1(event: h11.Event) -> h11.Event:
    """Return a response in the only version that h11 sends."""
    if not isinstance(event, h11.Response) or event.http_version == b"1.1":
        return event
    headers = event.headers.raw_items()
    return h11.Response(status_code=event.status_code, headers=headers, reason=event.reason)
