"""The ways to a client: the embedded KV in this process, or the service that is named."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping

import httpx

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.kv import limits
from kvgen.kv.app import create_app
from kvgen.kv.client import Client
from kvgen.kv.hosts import Hosts
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.stores import Place, open_store

_DEADLINE = 30.0  # seconds, for one request


@contextlib.asynccontextmanager
async def local(place: Place, namespace: str = DEV_NAMESPACE) -> AsyncIterator[Client]:
    """Open the embedded KV in this process; another may serve the same store meanwhile."""
    store = open_store(place)
    try:
        transport = httpx.ASGITransport(create_app(store))
        headers = {"Authorization": "Bearer local"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://kv", headers=headers
        ) as http:
            yield Client(http, store.ensure_namespace(namespace).id, is_local=True)
    finally:
        store.close()


@contextlib.asynccontextmanager
async def remote(
    environment: Mapping[str, str] = os.environ,
    on_pause: Callable[[int, float], None] | None = None,
) -> AsyncIterator[Client]:
    """Open the service that the environment names, by the variables that a function reads.

    Raises KvgenError if one that is needed is missing or cannot be right.
    """
    namespace_id = _variable(environment, "KV_NAMESPACE_ID")
    if not limits.is_uuid(namespace_id):
        raise KvgenError(
            "KV_NAMESPACE_ID is not a UUID", "telnyx-edge storage kv list shows the ids"
        )
    key = _variable(environment, "TELNYX_API_KEY")
    if not key.isascii() or not key.isprintable():
        raise KvgenError("TELNYX_API_KEY has characters that no key has", "copy it again")
    base = environment.get("TELNYX_BASE_URL") or "https://api.telnyx.com"
    if not base.startswith(("http://", "https://")):
        raise KvgenError(
            "TELNYX_BASE_URL is not an http or https address", "leave it out for Telnyx itself"
        )
    headers = {"Authorization": f"Bearer {key}", "User-Agent": f"kvgen/{__version__}"}
    base = base.rstrip("/").removesuffix("/v2")
    async with _connected(base, headers) as http:
        yield Client(http, namespace_id, on_pause=on_pause)


def _connected(base: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """Return a client that takes the environment's proxies, though none to this machine."""
    try:
        is_here = Hosts().allow(httpx.URL(base).netloc)
    except httpx.InvalidURL as error:
        raise KvgenError(f"TELNYX_BASE_URL is not an address: {error}", "leave it out") from None
    try:
        return httpx.AsyncClient(
            base_url=base, headers=headers, timeout=_DEADLINE, trust_env=not is_here
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise KvgenError(
            f"the environment's proxy settings cannot be used: {error}",
            "look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; a proxy is http://HOST:PORT",
        ) from None


def _variable(environment: Mapping[str, str], name: str) -> str:
    if value := environment.get(name):
        return value
    raise KvgenError(f"{name} is not set", f"--remote reads it from the environment: export {name}")
