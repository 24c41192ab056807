"""The entry point: an ASGI object around the handler."""

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from function.client import close_session
from function.handler import handler
from function.http import Headers, Request, Response, error_response
from function.kv import KvError

LARGEST_BODY = 2**20  # bytes; what is longer costs the client its connection

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

logger = logging.getLogger(__name__)


def new() -> "Function":
    """Return the function; the platform calls this once for each instance."""
    return Function()


class Function:
    """What the platform hands requests to."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_read = await _discard_body(receive)
        response = await _answer(scope)
        await _write(send, scope["method"], response, keep_alive=is_read)

    def stop(self) -> None:
        """Close what is open; the platform calls this outside of a request."""
        self._closing = asyncio.get_running_loop().create_task(close_session())


async def _answer(scope: Scope) -> Response:
    try:
        request = _request(scope)
        if re.match(r"/health(?:[/?]|$)", request.target):
            return {"body": "OK", "headers": {"Content-Type": "text/plain"}}
        return await handler(request)
    except KvError:
        return error_response(503, "key-value store unavailable", {"Retry-After": "1"})
    except Exception:
        # Nothing of it may reach the client; the host would print it into its answer.
        lines = traceback.format_exc().splitlines()
        logger.error("%s", " | ".join(line.strip() for line in lines))
        return error_response(500, "internal error")


def _request(scope: Scope) -> Request:
    target = scope["raw_path"].decode("latin-1")
    if query := scope["query_string"].decode("latin-1"):
        target += f"?{query}"
    fields = scope["headers"]
    headers = Headers((k.decode("latin-1"), v.decode("latin-1")) for k, v in fields)
    return Request(scope["method"], target, headers)


async def _discard_body(receive: Receive) -> bool:
    """Read a body that nobody needs; False where it is too long to be read."""
    size = 0
    while size <= LARGEST_BODY:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            return True
    return False


async def _write(
    send: Send, method: str, response: Response, *, keep_alive: bool
) -> None:
    body = response["body"]
    content = body.encode() if isinstance(body, str) else body
    status = response.get("status", 200)
    fields = response.get("headers", {})
    pairs = fields if isinstance(fields, list) else list(fields.items())
    headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in pairs]
    if status not in (204, 304):
        headers.append((b"content-length", str(len(content)).encode()))
    if not keep_alive:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    sent = b"" if method == "HEAD" else content
    await send({"type": "http.response.body", "body": sent})
