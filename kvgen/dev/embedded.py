"""The embedded KV in kvgen's own process, as functions that it runs are led to it."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from starlette.types import ASGIApp

from kvgen.kv.app import Call, create_app
from kvgen.kv.faults import Faults
from kvgen.kv.hosts import Hosts
from kvgen.kv.interface import Storage
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.records import Namespace
from kvgen.kv.server import listen, running, sweeping, url_of
from kvgen.kv.stores import Place, open_store


class Guest(Protocol):
    """What shares the KV's port with it: the console, which this room knows nothing else of."""

    def in_front_of(self, kv: ASGIApp, store: Storage, space: Namespace, hosts: Hosts) -> ASGIApp:
        """Return the application that answers in the KV's place, and hands on what is the KV's."""

    def url(self, kv_url: str) -> str:
        """Return the address at which a person sees it."""

    def close(self) -> None:
        """End the responses that would not end by themselves: the server is about to stop."""


@contextlib.asynccontextmanager
async def embedded_kv(
    place: Place,
    report: Callable[[Call], None],
    faults: Faults | None = None,
    guest: Guest | None = None,
) -> AsyncIterator[dict[str, str]]:
    """Serve the KV on a free port; yields the variables that lead a function to it.

    The bearer among them is the only one that it takes.
    """
    store, hosts = open_store(place), Hosts()
    try:
        namespace = store.ensure_namespace(DEV_NAMESPACE)
        listener = listen("127.0.0.1", 0)
        key = f"kvgen-dev-{secrets.token_urlsafe(24)}"
        app = create_app(store, api_key=key, hosts=hosts, faults=faults, on_call=report)
        front = guest.in_front_of(app, store, namespace, hosts) if guest else app
        async with running(front, listener), sweeping(store):
            try:
                yield {
                    "TELNYX_BASE_URL": url_of(listener),
                    "TELNYX_API_KEY": key,
                    "KV_NAMESPACE_ID": namespace.id,
                }
            finally:
                if guest:
                    guest.close()
    finally:
        store.close()
