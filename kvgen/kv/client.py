"""A client of the REST API; ``endpoints`` has the ways to get one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from kvgen.errors import KvgenError

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
    """The key calls on one namespace. Whatever fails is a KvgenError; missing is None.

    ``is_local`` says that no proxy is in between. ``on_pause`` is told of a failure that is waited
    out: its status and for how many seconds.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        namespace_id: str,
        *,
        is_local: bool = False,
        on_pause: Callable[[int, float], None] | None = None,
    ) -> None:
        self._http = http
        self._keys = f"/v2/storage/kvs/{namespace_id}/keys"
        self._is_local = is_local
        self._on_pause = on_pause

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
        path = quote(key, safe="")
        if key in (".", ".."):
            if not self._is_local:
                # On its way through proxies the path may become that of the namespace, and a
                # DELETE of a key one of all of them.
                raise KvgenError(f"key {key!r} cannot be used: in a URL it would be another path")
            path = path.replace(".", "%2E")
        return f"{self._keys}/{path}"

    async def _call(
        self, method: str, path: str, *, allow: int = 0, **options: Any
    ) -> httpx.Response:
        """Make a call; waits out a 429, and repeats what a network or a server failed at."""
        # What fails on this machine, a full disk for one, fails again.
        patience, retries = list(_PATIENCE), [] if self._is_local else list(_RETRIES)
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
            waits = patience if status == 429 else retries if status >= 500 else []
            if not waits:
                raise failure
            seconds = waits.pop(0)
            if self._on_pause:
                self._on_pause(status, seconds)
            await asyncio.sleep(seconds)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise KvgenError("the response of the store is not JSON") from None


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
