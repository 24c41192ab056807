"""The embedded KV for tests: behind a gate, and with a door of their own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from kvgen.kv.app import create_app
from kvgen.kv.server import listen, running
from kvgen.kv.store import Store
from tests.behaviour.gate import Gate

API_KEY = "test-key-that-must-never-be-logged"
PATIENCE = 20.0  # seconds until a condition that has to come true counts as failed


class Kv:
    """The embedded KV behind a gate, and a second door to its data that no call counts."""

    def __init__(self, path: Path) -> None:
        self.calls: list[str] = []
        self._path = path
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @contextlib.contextmanager
    def serving(self) -> Iterator["Kv"]:
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the KV did not start"
        self.store = Store(self._path)
        try:
            yield self
        finally:
            self.store.close()
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(PATIENCE)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        store = Store(self._path)
        self._namespace = store.ensure_namespace("test")
        self.namespace_id = self._namespace.id
        app = create_app(
            store, api_key=API_KEY, on_call=lambda call: self.calls.append(call.method)
        )
        listener = listen("127.0.0.1", 0)
        port = listener.getsockname()[1]
        async with running(app, listener), Gate(port).listening() as gate:
            self.gate = gate
            self._ready.set()
            await self._stop.wait()
        store.close()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TELNYX_API_KEY": API_KEY,
            "TELNYX_BASE_URL": f"http://127.0.0.1:{self.gate.port}",
            "KV_NAMESPACE_ID": self.namespace_id,
        }

    def put(self, key: str, value: bytes | str, ttl: int | None = None) -> None:
        content = value.encode() if isinstance(value, str) else value
        self.store.put(self._namespace, key, content, ttl=ttl)

    def get(self, key: str) -> bytes | None:
        entry = self.store.get(self._namespace, key)
        return None if entry is None else entry.value

    def delete(self, key: str) -> None:
        self.store.delete(self._namespace, key)

    def keys(self, prefix: str) -> list[str]:
        return [info.key for info in self.store.keys(self._namespace, prefix)]

    def expires_at(self, key: str) -> float | None:
        """Return when the store itself drops the key, in epoch milliseconds."""
        entry = self.store.get(self._namespace, key)
        assert entry is not None
        return None if entry.expires_at is None else entry.expires_at * 1000

    @contextlib.contextmanager
    def failing(self, fault: object, times: int | None = None) -> Iterator[Gate]:
        self.gate.fail(fault, times)
        try:
            yield self.gate
        finally:
            self.gate.fail(None)
