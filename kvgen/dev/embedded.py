"""The embedded KV in kvgen's own process, as functions that it runs are led to it."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable

from kvgen.kv.app import Call, create_app
from kvgen.kv.faults import Faults
from kvgen.kv.hosts import Hosts
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.server import listen, running, sweeping, url_of
from kvgen.kv.stores import Place, open_store


@contextlib.asynccontextmanager
async def embedded_kv(
    place: Place, report: Callable[[Call], None], faults: Faults | None = None
) -> AsyncIterator[dict[str, str]]:
    """Serve the KV on a free port; yields the variables that lead a function to it.

    The bearer among them is the only one that it takes.
    """
    store = open_store(place)
    try:
        namespace = store.ensure_namespace(DEV_NAMESPACE)
        listener = listen("127.0.0.1", 0)
        key = f"kvgen-dev-{secrets.token_urlsafe(24)}"
        app = create_app(store, api_key=key, hosts=Hosts(), faults=faults, on_call=report)
        async with running(app, listener), sweeping(store):
            yield {
                "TELNYX_BASE_URL": url_of(listener),
                "TELNYX_API_KEY": key,
                "KV_NAMESPACE_ID": namespace.id,
            }
    finally:
        store.close()
