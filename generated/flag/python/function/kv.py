"""The key-value store: raw helpers, and helpers for values that expire."""

import asyncio
import logging
import os
import re
import time
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from function.client import ClientError, TooLargeError, fetch, send_once
from function.config import check_url, read_variable
from function.strict_json import encode_json, is_integer, parse_json

DEADLINE = 5.0  # seconds, for a call all told, its retry included
RETRY_AFTER = 0.1  # seconds
LARGEST_VALUE = 2**20  # bytes
LARGEST_ANSWER = 2 * LARGEST_VALUE

logger = logging.getLogger(__name__)


class KvError(Exception):
    """A call that failed. A missing key is not a failure."""


async def kv_get(key: str) -> str | None:
    """Return the text stored under a key, or None."""
    status, body = await _call("GET", _path(key))
    return None if status == 404 else body.decode("utf-8", "replace")


async def kv_put(key: str, value: str) -> None:
    """Store a text under a key."""
    await _call("PUT", _path(key), value)


async def kv_delete(key: str) -> None:
    """Delete a key, whether or not it is there."""
    await _call("DELETE", _path(key))


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
    envelope = _envelope(value, _now() + ttl_seconds * 1000)
    await kv_put(key, envelope)


def kv_fits_with_expiry(value: str) -> bool:
    """Tell whether a text, once in its envelope, is small enough."""
    return len(_envelope(value, _now()).encode()) <= LARGEST_VALUE


def _envelope(value: str, expires_at: int) -> str:
    return encode_json({"value": value, "expires_at": expires_at})


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


def _path(key: str) -> str:
    return quote(key, safe="")


async def _call(method: str, path: str, value: str | None = None) -> tuple[int, bytes]:
    store = read_store()
    url = store.keys + path
    body = None if value is None else value.encode()
    try:
        async with asyncio.timeout(DEADLINE):
            status, content = await _send_or_retry(store, method, url, body)
    except TimeoutError:
        reason = "timed out"
    except (ClientError, TooLargeError, KvError) as error:
        reason = str(error)
    else:
        if 200 <= status < 300 or (status == 404 and method == "GET"):
            return status, content
        hint = ", check the configuration" if status in (401, 404, 409) else ""
        reason = f"{status}{hint}"
    segment = re.split("[%?]", path)[0]  # of the key; what follows may be an id
    logger.error("kv %s %s: %s", method, segment, reason)
    raise KvError(f"{method} failed: {reason}")


async def _send_or_retry(
    store: "_Store", method: str, url: str, body: bytes | None
) -> tuple[int, bytes]:
    """Send a request, and once more if the network or the store fails."""
    if body is not None and len(body) > LARGEST_VALUE:
        raise KvError("value too large")
    try:
        status, content = await _send(store, method, url, body)
        if status < 500:
            return status, content
    except ClientError:
        pass
    await asyncio.sleep(RETRY_AFTER)
    return await _send(store, method, url, body)


async def _send(
    store: "_Store", method: str, url: str, body: bytes | None
) -> tuple[int, bytes]:
    """Send one request and read the answer to its end: its status and body."""
    response, content = await fetch(
        method,
        url,
        largest=LARGEST_ANSWER,
        data=body,
        headers={
            "Authorization": store.authorization,
            "Accept-Encoding": "identity",
        },
        middlewares=[send_once],  # a retry of our own is enough
    )
    return response.status, content


@dataclass(frozen=True, slots=True)
class _Store:
    """The URL of the keys, and the credential."""

    keys: str
    authorization: str


@cache
def read_store() -> _Store:
    """Read the environment, once it names all that is needed."""
    namespace_id = read_variable("KV_NAMESPACE_ID", "KV_FLAGS_ID")
    api_key = read_variable("TELNYX_API_KEY")
    url = os.environ.get("TELNYX_BASE_URL") or "https://api.telnyx.com"
    base = check_url("TELNYX_BASE_URL", url).rstrip("/").removesuffix("/v2")
    keys = f"{base}/v2/storage/kvs/{quote(namespace_id, safe='')}/keys/"
    return _Store(keys, f"Bearer {api_key}")


def _now() -> int:
    return int(time.time() * 1000)
