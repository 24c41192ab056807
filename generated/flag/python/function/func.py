"""The entry point: the platform calls `new` once, and `handle` for each request."""

import asyncio
import contextlib
import logging
import math
import re
import traceback

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from function.handler import handler
from function.kv import KvError, close_client

MAX_BODY = 10 * 2**20  # bytes of a request; the platform takes no more
MAX_UNREAD = 2**20  # bytes; the connection is closed if more is left unread
UNREAD_TIMEOUT = 0.25  # seconds to wait for the rest of an unread body
# The server sets these itself, whatever a handler says.
FRAMING = b"connection keep-alive trailer transfer-encoding".split()
HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*")

logger = logging.getLogger(__name__)


def new() -> "Function":
    """Return the function; the platform calls this once for each instance."""
    return Function()


class Function:
    """The function that the platform passes requests to."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request, whatever the handler does."""
        exchange = Exchange(scope, receive, send)
        try:
            try:
                await exchange.respond(await _call_handler(exchange))
            except (HTTPException, KvError) as error:
                if exchange.has_begun:
                    raise
                await exchange.respond(_error_response(error))
        except ClientDisconnect:
            pass  # the client has gone
        except (Exception, SystemExit) as error:
            # Quoted, so that it is one line whatever is in its text.
            logger.error("%r", "".join(traceback.format_exception(error)))
            # The server cuts off a response that has begun and has no end.
            if not exchange.has_begun:
                await exchange.respond(_error_response(error))

    def stop(self) -> None:
        """Close the connections; the platform calls this when it stops the instance."""
        self._closing = asyncio.get_running_loop().create_task(close_client())


async def _call_handler(exchange: "Exchange") -> ASGIApp:
    path = exchange.request.scope["raw_path"]
    if path == b"/health" or path.startswith(b"/health/"):
        return PlainTextResponse("OK")
    if exchange.length > MAX_BODY:
        raise HTTPException(413, "request body too large")
    response = await handler(exchange.request)
    if not callable(response):
        raise TypeError(f"the handler returned {type(response)}, which is no response")
    return response


def _error_response(error: BaseException) -> JSONResponse:
    if isinstance(error, KvError):
        error = HTTPException(503, "key-value store unavailable", {"Retry-After": "1"})
    elif not isinstance(error, HTTPException):
        error = HTTPException(500, "internal error")
    headers = {"Cache-Control": "no-store", **(error.headers or {})}
    return JSONResponse({"error": error.detail}, error.status_code, headers)


class Exchange:
    """A request and its response, with the limits and checks that servers lack."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.request = Request(scope, self.receive)
        self.length = int(self.request.headers.get("content-length", "0"))
        self.has_begun = False  # the response
        self._start: Message = {}
        self._received = 0  # bytes of the request's body
        self._is_read = False

    async def receive(self, limit: float = MAX_BODY) -> Message:
        """Receive a part of the request's body, unless the body is too large."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        self._is_read = not message.get("more_body", False)
        if self._received > limit:
            raise HTTPException(413, "request body too large")
        return message

    async def _discard(self, limit: float) -> None:
        while not self._is_read and max(self._received, self.length) <= limit:
            await self.receive(math.inf)

    async def respond(self, response: ASGIApp) -> None:
        """Send a response, after discarding the rest of the request's body."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(UNREAD_TIMEOUT):
                await self._discard(self._received + MAX_UNREAD)
        await response(self.request.scope, self._receive, self.send)

    async def send(self, message: Message) -> None:
        """Send a part of the response: the start together with the first chunk.

        So a body that fails at once is still a 500.
        """
        if message["type"] == "http.response.start":
            self._start = self._checked(message)
            return
        if not self.has_begun:
            self.has_begun = True
            await self._send(self._start)
        if self._start["status"] in (204, 304):  # which have no body
            message = {**message, "body": b""}
        if not self._is_read and not message.get("more_body", False):
            # Hypercorn closes the connection only if somebody reads what still arrives.
            self._reading = asyncio.create_task(self._discard(math.inf))
        await self._send(message)

    def _checked(self, start: Message) -> Message:
        if start["status"] not in range(200, 600):
            raise ValueError(f"{start['status']!r} is not a status from 200 to 599")
        for name, value in start["headers"]:
            if not HEADER.fullmatch(name + b": " + value):
                raise ValueError(f"the header {name!r} is not legal in HTTP")
        headers = [(n, v) for n, v in start["headers"] if n.lower() not in FRAMING]
        if not self._is_read:
            headers.append((b"connection", b"close"))
        return {**start, "headers": headers}
