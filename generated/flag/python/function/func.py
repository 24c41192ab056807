"""The entry point: an ASGI object around the handler."""

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from function.client import close_client, load_client
from function.config import ConfigError
from function.handler import handler
from function.http import (
    Headers,
    Message,
    Request,
    Response,
    error_response,
    to_message,
)
from function.kv import KvError

LARGEST_BODY = 2**20  # bytes; what is longer costs the client its connection
BODY_DEADLINE = 1.0  # seconds; so does what is still missing then

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

logger = logging.getLogger(__name__)


def new() -> "Function":
    """Return the function; the platform calls this once for each instance."""
    return Function()


class Function:
    """What the platform hands requests to."""

    def start(self, config: Mapping[str, str]) -> None:
        """Make ready what takes long; the platform calls this before any request."""
        load_client()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_read = await _discard_body(receive)
        status, headers, content = await _answer(scope)
        if not is_read:
            headers.append((b"connection", b"close"))
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await send(start)
        body = b"" if scope["method"] == "HEAD" else content
        await send({"type": "http.response.body", "body": body})

    def stop(self) -> None:
        """Close what is open; the platform calls this outside of a request."""
        self._closing = asyncio.get_running_loop().create_task(close_client())


async def _answer(scope: Scope) -> Message:
    """Return an answer that can be sent, whatever the handler does."""
    try:
        return to_message(await _respond(scope))
    except KvError:
        retry = {"Retry-After": "1"}
        response = error_response(503, "key-value store unavailable", retry)
    except ConfigError as error:
        logger.error("%s", error)
        response = error_response(500, "internal error")
    except Exception:
        # Nothing of it may reach the client; the host would print it into its answer.
        lines = traceback.format_exc().splitlines()
        logger.error("%s", " | ".join(line.strip() for line in lines))
        response = error_response(500, "internal error")
    return to_message(response)


async def _respond(scope: Scope) -> Response:
    request = _request(scope)
    if re.match(r"/health(?:[/?]|$)", request.target):
        return {"body": "OK", "headers": {"Content-Type": "text/plain"}}
    return await handler(request)


def _request(scope: Scope) -> Request:
    target = scope["raw_path"].decode("latin-1")
    if query := scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    fields = scope["headers"]
    headers = Headers((k.decode("latin-1"), v.decode("latin-1")) for k, v in fields)
    return Request(scope["method"], target, headers)


async def _discard_body(receive: Receive) -> bool:
    """Read a body that nobody needs; False where there is no end of it."""
    size = 0
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            while size <= LARGEST_BODY:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False
