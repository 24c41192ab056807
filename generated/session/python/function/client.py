"""The HTTP client, one for each instance of the function: its connections are kept.

Only this file knows aiohttp, and imports it where it is used: that takes as long as all
else of a start together, and probes need not wait for it.
"""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp

_session: "aiohttp.ClientSession | None" = None


class ClientError(Exception):
    """No answer came, or none that is HTTP."""


class TooLargeError(Exception):
    """The body of an answer has no end in sight."""


def load_client() -> None:
    """Begin to load the client in a thread; a request before its end waits for it."""
    asyncio.get_running_loop().run_in_executor(None, import_module, "aiohttp")


async def fetch(
    method: str,
    url: str,
    *,
    largest: int,
    check: "Callable[[aiohttp.ClientResponse], None] | None" = None,
    **options: Any,
) -> "tuple[aiohttp.ClientResponse, bytes]":
    """Send a request, and read the body of its answer if the check does not raise.

    The URL goes as it is, what is received stays as it is, and no redirect is followed.
    Raises ClientError, and TooLargeError for a body beyond ``largest`` bytes.
    """
    import aiohttp
    from yarl import URL

    target = URL(url, encoded=True)
    options["allow_redirects"] = False
    try:
        async with _open_session().request(method, target, **options) as response:
            if check:
                check(response)
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > largest:
                    raise TooLargeError("answer too large")
            return response, bytes(body)
    except aiohttp.ClientError as error:
        raise ClientError("connection failed") from error


async def send_once(
    request: "aiohttp.ClientRequest", handler: "aiohttp.ClientHandlerType"
) -> "aiohttp.ClientResponse":
    """Fail in a way that aiohttp does not retry by itself; this is a middleware."""
    import aiohttp

    try:
        return await handler(request)
    except aiohttp.ClientConnectionError as error:
        raise ClientError("connection failed") from error


def _open_session() -> "aiohttp.ClientSession":
    import aiohttp

    global _session
    if _session is None:
        _session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),  # none of its own; each call has its own
            auto_decompress=False,
        )
    return _session


async def close_client() -> None:
    """Close the connections; a request after this opens new ones."""
    global _session
    session, _session = _session, None
    if session is not None:
        await session.close()
