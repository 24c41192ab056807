"""The key-value store: helpers for plain values, and for values with a lifetime."""

import asyncio
import contextlib
import json
import logging
import math
import os
import time
from functools import cache
from urllib.parse import quote

import aiohttp
from yarl import URL

TIMEOUT = 5.0  # seconds for a call and its retry
RETRY_DELAY = 0.1
MAX_VALUE = 2**20  # bytes; the store takes no more
NO_TTL = ', if the namespace has no TTL support set expiry = "envelope" in kvgen.toml'

logger = logging.getLogger(__name__)


class KvError(Exception):
    """A call to the store failed. A missing key is not a failure."""


class ConfigError(Exception):
    """An environment variable is missing or invalid."""


async def kv_get(key: str, timeout: float = TIMEOUT) -> str | None:
    """Return the text stored under a key, or None."""
    return await _call("GET", key, timeout)


async def kv_put(key: str, value: str, timeout: float = TIMEOUT) -> None:
    """Store a text under a key."""
    await _call("PUT", key, timeout, value)


async def kv_delete(key: str, timeout: float = TIMEOUT) -> None:
    """Delete a key, whether or not it exists."""
    await _call("DELETE", key, timeout)


async def kv_get_with_expiry(key: str, timeout: float = TIMEOUT) -> str | None:
    """Return the text stored under a key, or None if it is missing or expired."""
    stored = await kv_get(key, timeout)
    try:
        envelope = json.loads(stored or "")
    except (ValueError, RecursionError):
        return stored  # a value without an envelope does not expire
    match envelope:
        case {"value": str(value), "expires_at": int(at) | float(at)}:
            if len(envelope) == 2:
                # Not deleted: another request may have just stored a new value.
                return value if time.time() * 1000 <= at else None
    return stored


async def kv_put_with_expiry(
    key: str, value: str, ttl_seconds: float, timeout: float = TIMEOUT
) -> None:
    """Store a text under a key for a number of seconds, rounded up."""
    ttl = math.ceil(ttl_seconds)
    envelope = {"value": value, "expires_at": int(time.time() * 1000) + ttl * 1000}
    value = json.dumps(envelope, ensure_ascii=False)
    await _call("PUT", key, timeout, value, f"?ttl_secs={ttl}")


async def _call(
    method: str, key: str, timeout: float, value: str = "", query: str = ""
) -> str | None:
    """Make a call and return the text of the response, or None for a missing key.

    A call with less than the usual time is tried only once.
    """
    path, data = quote(key, safe="") + query, value.encode()
    try:
        async with asyncio.timeout(timeout):
            status, body = await _send(method, path, data)
            if timeout >= TIMEOUT and not 0 < status < 500:
                await asyncio.sleep(RETRY_DELAY)
                status, body = await _send(method, path, data)
    except TimeoutError:
        raise _failure(method, key, "timed out") from None
    if status == 404 and method == "GET":
        return None
    if 200 <= status < 300 and body is not None:
        return body.decode("utf-8", "replace")
    reason = "connection failed" if status == 0 else str(status)
    if body is None:
        reason = "response too large"
    elif status == 409 and query:
        reason += NO_TTL
    raise _failure(method, key, reason)


def _failure(method: str, key: str, reason: str) -> KvError:
    """Log a failed call with the first segment of the key; the rest may be an id."""
    segment = quote(key.partition("/")[0], safe="")
    error = KvError(f"kv {method} {segment}: {reason}")
    logger.error("%s", error)
    return error


async def _send(method: str, path: str, data: bytes) -> tuple[int, bytes | None]:
    """Send one request; the status is 0 without a response."""
    keys_url, headers = read_store()
    url = URL(keys_url + path, encoded=True)
    try:
        async with http_client().request(
            method, url, data=data or None, headers=headers, allow_redirects=False
        ) as response:
            return response.status, await read_body(response, 2 * MAX_VALUE)
    except aiohttp.ClientError:
        return 0, b""


@cache
def http_client() -> aiohttp.ClientSession:
    """Return the HTTP client: one for each instance, so that connections are reused."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


async def close_client() -> None:
    """Close all connections; the next call opens a new one."""
    await http_client().close()
    http_client.cache_clear()


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """Read a response to its end; None if it has more bytes than the limit."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


@cache
def read_store() -> tuple[str, dict[str, str]]:
    """Read the environment: the URL of the keys, and the headers of a call."""
    base = read_url("TELNYX_BASE_URL", "https://api.telnyx.com").removesuffix("/v2")
    namespace_id = quote(read_variable("KV_NAMESPACE_ID"), safe="")
    authorization = f"Bearer {read_variable('TELNYX_API_KEY')}"
    headers = {"Authorization": authorization, "Accept-Encoding": "identity"}
    return f"{base}/v2/storage/kvs/{namespace_id}/keys/", headers


def read_variable(name: str, default: str = "") -> str:
    """Return a required environment variable."""
    value = os.environ.get(name) or default
    if not value:
        raise ConfigError(f"{name} is not set")
    return value


def read_url(name: str, default: str = "") -> str:
    """Return a URL from the environment, without slashes at its end."""
    url = read_variable(name, default)
    with contextlib.suppress(ValueError):
        if URL(url).scheme in ("http", "https") and URL(url).host:
            return url.rstrip("/")
    raise ConfigError(f"{name} is not an http or https URL")
