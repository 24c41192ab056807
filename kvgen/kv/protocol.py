"""HTTP for the embedded KV: uvicorn's protocol, with the limits that it lacks.

Uvicorn parses all received bytes, queues every request in them, and reads on after each response.
So long heads, and pipelined requests whose responses nobody reads, could use memory without limit.
Here the parser gets one head at a time, and nothing while a response is not yet sent and read.
"""

import math
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kvgen.kv import bounds
from kvgen.kv.backlog import Backlog, is_piece
from kvgen.kv.crowd import Crowd
from kvgen.kv.problems import Problem, raw_answer


class GuardedProtocol(HttpToolsProtocol):
    """One connection. ``check`` has to be called now and then, for what has taken too long."""

    def __init__(self, crowd: "Crowd[GuardedProtocol]", **options: Any) -> None:
        super().__init__(**options)
        self._crowd = crowd
        self._backlog = Backlog()
        self._in_body = self._has_advanced = self._is_held = self._is_refused = False
        self._unfruitful = self._discarded = 0  # bytes since something whole; of an unread body
        self.since = 0.0  # when the turn or the request began
        self._refusal: Problem | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it is the client's turn: to ask, to send the rest, to read the response."""
        return self._is_refused or self.flow.write_paused or not self._owes_answer

    @property
    def unread(self) -> int:
        """Bytes of responses that wait for the client."""
        return self.transport.get_write_buffer_size() if self.flow.write_paused else 0

    @property
    def _owes_answer(self) -> bool:
        is_asked = self.cycle is not None and not self.cycle.response_complete
        return (is_asked and not self._in_body) or bool(self.pipeline)

    @property
    def _owes_body(self) -> bool:
        return self._in_body and not self.cycle.response_complete

    def drop(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def check(self, now: float, is_scarce: bool) -> None:
        """Close the connection where its client has had its time; less if memory is scarce."""
        if now - self.since <= self._granted(is_scarce):
            return
        if self._is_refused or self.flow.write_paused:
            self.drop()
        elif self._owes_body or self._unfruitful:
            self._refuse(Problem(408, "The request took too long."))
        else:
            self.transport.close()

    def _granted(self, is_scarce: bool) -> float:
        if self._is_refused:
            return bounds.LINGER_SECONDS
        if self.flow.write_paused:
            return bounds.STALLED_SECONDS if is_scarce else bounds.UNREAD_SECONDS
        if self._in_body:
            return bounds.BODY_SECONDS
        if self._unfruitful:
            return bounds.HEAD_SECONDS
        return math.inf if self._owes_answer else bounds.IDLE_SECONDS

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.since = self.loop.time()
        if not self._crowd.admit(self):
            transport.write(raw_answer(Problem(503, "There are too many requests at once.")))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.leave(self)
        self._backlog.clear()
        self._is_held = False
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return  # a client that still sends would not see the response if this was not read
        if self._is_held or self._owes_answer or self.flow.write_paused or not is_piece(data):
            self._backlog.add(data)
            self._read_on()
        else:
            self._parse(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.since = self.loop.time()
        self._read_on()

    def on_headers_complete(self) -> None:
        if len(self.url) > bounds.LONGEST_TARGET:
            raise Problem(414, "The target of the request is too long.")
        if self.parser.should_upgrade() and self._get_upgrade() == b"websocket":
            raise Problem(400, "There are no WebSockets here.")
        if len(self.headers) > bounds.MOST_FIELDS:
            raise Problem(431, "The request has too many headers.")
        super().on_headers_complete()
        self._in_body = self._has_advanced = True
        self._discarded = 0

    def on_body(self, body: bytes) -> None:
        self._has_advanced = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        # As uvicorn does it, though without a timer for each response: ``check`` sees to that.
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.since = self.loop.time()
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if self._refusal:
            self._refuse(self._refusal)
        elif self._backlog:
            self._read_on()

    def _read_on(self) -> None:
        """Parse what has come until a response is owed; the rest, and what is to come, has to wait.

        What is slow to parse, a body of tiny chunks for one, leaves others their turn.
        """
        until = 0.0
        while self._backlog:
            if self.transport.is_closing() or self._is_refused:
                return
            is_late = bool(until) and self.loop.time() > until
            if is_late or self._owes_answer or self.flow.write_paused:
                self._is_held = True
                self.flow.pause_reading()
                if is_late:
                    self.loop.call_soon(self._read_on)
                return
            until = until or self.loop.time() + bounds.PARSE_SECONDS
            self._parse(self._backlog.take())
        if self._is_held:
            self._is_held = False
            self.flow.resume_reading()

    def _parse(self, piece: bytes) -> None:
        if not self._unfruitful and not self._in_body:
            self.since = self.loop.time()
        self._has_advanced = False
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            # To another version of HTTP, as nobody has to: the rest is HTTP/1.1 again.
            self._backlog.give_back(piece[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            own, odd = error.__context__, Problem(400, "This is not an HTTP request.")
            self._refuse(own if isinstance(own, Problem) else odd)
            return
        self._unfruitful = 0 if self._has_advanced else self._unfruitful + len(piece)
        if self._in_body and self.cycle.response_complete:
            self._discarded += len(piece)
            if self._discarded > bounds.LONGEST_DISCARDED:
                self.transport.close()
        is_long = self._unfruitful > bounds.LONGEST_HEAD
        if is_long or len(self.headers or ()) > bounds.MOST_FIELDS:
            self._refuse(Problem(431, "The head of the request is too long."))

    def _refuse(self, problem: Problem) -> None:
        """Respond with a problem, after what is owed, and read nothing more."""
        if self._owes_answer:
            self._refusal = problem
        elif not self._is_refused:
            self._is_refused, self.since = True, self.loop.time()
            self._backlog.clear()
            if self.cycle is not None and not self.cycle.response_complete:  # it is in its body
                self.cycle.disconnected = True
                self.cycle.message_event.set()
                if self.cycle.response_started:
                    self.drop()
            self.transport.write(raw_answer(problem))
            self.flow.resume_reading()
            if self.transport.can_write_eof():
                self.transport.write_eof()
