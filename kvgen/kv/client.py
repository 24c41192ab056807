"""A client of the REST API: of the embedded KV in this process, or of the service itself."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.kv import limits
from kvgen.kv.app import create_app
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.store import Store

_DEADLINE = 30.0  # seconds, for one request
_RETRIES = (0.5, 1, 2)  # seconds to wait after a network error or a 5xx
#: Seconds to wait after a 429, one after the other: a quota of 1,000 a minute comes back in one.
_PATIENCE = (1, 2, 4, 8, 15, 30, 60)


@dataclass(frozen=True, slots=True)
class Value:
    """What is stored under a key."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as a listing shows it; the time is in seconds since the epoch."""

    key: str
    size: int
    updated_at: float


class Client:
    """The key calls on one namespace. Whatever fails is a KvgenError; missing is None."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        namespace_id: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._keys = f"/v2/storage/kvs/{namespace_id}/keys"
        self._sleep = sleep

    async def get(self, key: str) -> Value | None:
        """Return what is stored under a key."""
        response = await self._call("GET", self._path(key), allow=404)
        if response.status_code == 404:
            return None
        content_type = response.headers.get("content-type", "application/octet-stream")
        return Value(response.content, content_type)

    async def put(
        self, key: str, content: bytes, content_type: str | None = None, ttl: int | None = None
    ) -> bool:
        """Store bytes, for ``ttl`` seconds if it is given; returns whether the key is new."""
        response = await self._call(
            "PUT",
            self._path(key),
            content=content,
            params={} if ttl is None else {"ttl_secs": ttl},
            headers={"Content-Type": content_type} if content_type else {},
        )
        return response.status_code == 201

    async def delete(self, key: str) -> None:
        """Delete a key, whether or not it is there."""
        await self._call("DELETE", self._path(key))

    async def keys(self, prefix: str = "") -> AsyncIterator[Listed]:
        """Yield the keys with a prefix, page by page."""
        cursor: str | None = None
        while True:
            params = {"prefix": prefix} if prefix else {}
            if cursor:
                params["cursor"] = cursor
            page = _json(await self._call("GET", self._keys, params=params))
            for item in page["data"]:
                updated_at = datetime.fromisoformat(item["updated_at"]).astimezone(UTC)
                yield Listed(item["key"], item["size_bytes"], updated_at.timestamp())
            cursor = page["meta"].get("cursor") if page["meta"]["has_more"] else None
            if not cursor:
                return

    def _path(self, key: str) -> str:
        return f"{self._keys}/{quote(key, safe='')}"

    async def _call(
        self, method: str, path: str, *, allow: int = 0, **options: Any
    ) -> httpx.Response:
        """Make a call; waits out a 429, and repeats what a network or a server failed at."""
        patience, retries = list(_PATIENCE), list(_RETRIES)
        while True:
            try:
                response = await self._http.request(method, path, **options)
            except httpx.HTTPError as error:
                failure = _unreachable(method, error)
                status = 500  # what a gateway would have said
            else:
                if response.is_success or response.status_code == allow:
                    return response
                failure, status = _refused(method, response), response.status_code
            if status == 429 and patience:
                await self._sleep(patience.pop(0))
            elif status >= 500 and retries:
                await self._sleep(retries.pop(0))
            else:
                raise failure


@contextlib.asynccontextmanager
async def local(data: Path, namespace: str = DEV_NAMESPACE) -> AsyncIterator[Client]:
    """Open the embedded KV in this process; another may serve the same file meanwhile."""
    store = Store(data)
    try:
        transport = httpx.ASGITransport(create_app(store))
        headers = {"Authorization": "Bearer local"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://kv", headers=headers
        ) as http:
            yield Client(http, store.ensure_namespace(namespace).id)
    finally:
        store.close()


@contextlib.asynccontextmanager
async def remote(environment: Mapping[str, str] = os.environ) -> AsyncIterator[Client]:
    """Open the service that the environment names, by the variables that a function reads.

    Raises KvgenError where one that is needed is missing or cannot be right.
    """
    namespace_id = _variable(environment, "KV_NAMESPACE_ID")
    if not limits.is_uuid(namespace_id):
        raise KvgenError(
            "KV_NAMESPACE_ID is not a UUID", "telnyx-edge storage kv list shows the ids"
        )
    key = _variable(environment, "TELNYX_API_KEY")
    if not key.isascii() or not key.isprintable():
        raise KvgenError("TELNYX_API_KEY has characters that no key has", "copy it once more")
    base = environment.get("TELNYX_BASE_URL") or "https://api.telnyx.com"
    if not base.startswith(("http://", "https://")):
        raise KvgenError(
            "TELNYX_BASE_URL is no http or https address", "leave it out for Telnyx itself"
        )
    headers = {"Authorization": f"Bearer {key}", "User-Agent": f"kvgen/{__version__}"}
    base = base.rstrip("/").removesuffix("/v2")
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=_DEADLINE) as http:
        yield Client(http, namespace_id)


def _variable(environment: Mapping[str, str], name: str) -> str:
    if value := environment.get(name):
        return value
    raise KvgenError(f"{name} is not set", f"--remote reads it from the environment: export {name}")


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise KvgenError("the answer of the store is not JSON") from None


_HINTS = {
    401: "check TELNYX_API_KEY",
    404: "check KV_NAMESPACE_ID",
    409: "the namespace is not ready, or does not support lifetimes; try again in a moment",
    429: "the quota is 1,000 requests a minute; try again later",
}


def _refused(method: str, response: httpx.Response) -> KvgenError:
    """Return an error with the status, and the sentence of the service where it has one."""
    try:
        detail = response.json()["errors"][0]["detail"]
    except (ValueError, LookupError, TypeError):
        detail = response.reason_phrase
    status = response.status_code
    return KvgenError(f"{method} failed: {status} {detail}", _HINTS.get(status))


def _unreachable(method: str, error: httpx.HTTPError) -> KvgenError:
    reason = f"{type(error).__name__}: {error}".removesuffix(": ")
    return KvgenError(f"{method} failed: {reason}", "check TELNYX_BASE_URL and the network")
