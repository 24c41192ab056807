"""A client of the key-value store, one for each instance of the function."""

import asyncio
import contextlib
import logging
import os
import time
from urllib.parse import quote

import aiohttp

from function.strict_json import encode_json, is_integer, parse_json

DEADLINE = 5.0  # seconds, for a call all told, its retry included
RETRY_AFTER = 0.1  # seconds
LARGEST_ANSWER = 2**21  # bytes; a value has at most half of that

logger = logging.getLogger(__name__)


class KvError(Exception):
    """A call that failed. A missing key is not a failure."""


class ConfigError(Exception):
    """An environment variable that the function cannot do without is not set."""


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Fail in a way that aiohttp does not retry by itself: once more is enough."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectionError as error:
        raise aiohttp.ClientError("connection failed") from error


class _Client:
    """Reads the environment when the first call is made, and keeps its connections."""

    def __init__(self) -> None:
        namespace_id = _variable("KV_NAMESPACE_ID", "KV_SESSIONS_ID")
        api_key = _variable("TELNYX_API_KEY")
        base = os.environ.get("TELNYX_BASE_URL") or "https://api.telnyx.com"
        base = base.rstrip("/").removesuffix("/v2")
        self._keys = f"{base}/v2/storage/kvs/{quote(namespace_id, safe='')}/keys/"
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "Authorization": f"Bearer {api_key}",
                "Accept-Encoding": "identity",
            },
            timeout=aiohttp.ClientTimeout(),  # none of its own; DEADLINE holds
            auto_decompress=False,
            middlewares=[_send_once],
        )

    async def send(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[int, bytes]:
        """Send one request and read the answer to its end: its status and body."""
        url = self._keys + path
        async with self.session.request(
            method, url, data=body, allow_redirects=False
        ) as response:
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise KvError("answer too large")
            return response.status, bytes(content)


_client: _Client | None = None


async def kv_get(key: str) -> str | None:
    """Return the text stored under a key, or None."""
    status, body = await _call("GET", key)
    return None if status == 404 else body.decode("utf-8", "replace")


async def kv_put(key: str, value: str) -> None:
    """Store a text under a key."""
    await _call("PUT", key, value)


async def kv_delete(key: str) -> None:
    """Delete a key, whether or not it is there."""
    await _call("DELETE", key)


async def kv_get_with_expiry(key: str) -> str | None:
    """Return the text stored under a key, or None if it is missing or expired."""
    stored = await kv_get(key)
    envelope = None if stored is None else _parse_envelope(stored)
    if envelope is None:
        return stored
    value, expires_at = envelope
    # Not deleted here: another request may have written it anew a moment ago.
    return None if _now() > expires_at else value


async def kv_put_with_expiry(key: str, value: str, ttl_seconds: int) -> None:
    """Store a text under a key for a number of seconds."""
    expires_at = _now() + ttl_seconds * 1000
    envelope = encode_json({"value": value, "expires_at": expires_at})
    await kv_put(key, envelope)


async def kv_close() -> None:
    """Close the connections; a call after this opens new ones."""
    global _client
    client, _client = _client, None
    if client is not None:
        await client.session.close()


def _parse_envelope(text: str) -> tuple[str, float] | None:
    """Read an envelope; None for any other text, which is a value without expiry."""
    try:
        envelope = parse_json(text)
    except ValueError:
        return None
    if not isinstance(envelope, dict) or envelope.keys() != {"value", "expires_at"}:
        return None
    value, expires_at = envelope["value"], envelope["expires_at"]
    if not isinstance(value, str) or not is_integer(expires_at):
        return None
    return value, expires_at


async def _call(
    method: str, key: str, value: str | None = None, query: str = ""
) -> tuple[int, bytes]:
    global _client
    _client = _client or _Client()
    path = quote(key, safe="") + query
    body = None if value is None else value.encode()
    reason = ""
    try:
        async with asyncio.timeout(DEADLINE):
            status, content = await _send(_client, method, path, body)
    except TimeoutError:
        reason = "timed out"
    except aiohttp.ClientError:
        reason = "connection failed"
    except KvError as error:
        reason = str(error)
    else:
        if 200 <= status < 300 or (status == 404 and method == "GET"):
            return status, content
        hint = ", check the configuration" if status in (401, 404, 409) else ""
        reason = f"{status}{hint}"
    segment = key.partition("/")[0]
    logger.error("kv %s %s: %s", method, segment, reason)
    raise KvError(f"{method} failed: {reason}")


async def _send(
    client: _Client, method: str, path: str, body: bytes | None
) -> tuple[int, bytes]:
    """Send a request, and once more if the network or the store fails."""
    with contextlib.suppress(aiohttp.ClientError):
        status, content = await client.send(method, path, body)
        if status < 500:
            return status, content
    await asyncio.sleep(RETRY_AFTER)
    return await client.send(method, path, body)


def _variable(*names: str) -> str:
    """Return the first of these environment variables that is not empty."""
    for name in names:
        if value := os.environ.get(name):
            return value
    raise ConfigError(f"{names[0]} is not set")


def _now() -> int:
    return int(time.time() * 1000)
