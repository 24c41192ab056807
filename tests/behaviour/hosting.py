"""Real functions under their real hosts, before a real KV, for black-box tests."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from kvgen.dev.runners import runner_for
from kvgen.kv.app import create_app
from kvgen.kv.server import listen, running
from kvgen.kv.store import Store
from kvgen.scaffold.project import read_project
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


@dataclass
class Function:
    """A running function: where it listens, its process, and what it has logged so far."""

    language: str
    expiry: str
    port: int
    process: subprocess.Popen[bytes]
    log_file: Path
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE)

    def request(self, method: str, path: str = "/", **options: object) -> httpx.Response:
        return self.client.request(method, path, **options)  # type: ignore[arg-type]

    def fresh_request(self, method: str, path: str) -> httpx.Response:
        """Send a request over a connection of its own."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
            return client.request(method, url)

    def wait_for_connections(self, count: int) -> None:
        """Wait until this many requests have reached the function, as the kernel counts them."""
        # Established and read to their end: nothing is left in the socket's queue.
        wait_until(lambda: _served_connections(self.port) >= count, "connections did not arrive")

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def logged_since(self, mark: int) -> str:
        return self.log()[mark:]


@contextlib.contextmanager
def hosted(
    folder: Path, workdir: Path, environment: Mapping[str, str], expiry: str = "envelope"
) -> Iterator[Function]:
    """Run the function of a folder under its language's host until the block ends."""
    language = _language(folder)
    runner = runner_for(language)
    command = runner.build(folder, workdir)
    port = _free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("KV_", "TELNYX_"))}
    log_file = workdir / "function.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=runner.cwd(folder, workdir),
            env={**inherited, **environment, **runner.environment(port)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    function = Function(language, expiry, port, process, log_file)
    try:
        wait_until(lambda: _healthy(function), f"{language} did not start")
        yield function
    finally:
        function.client.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _served_connections(port: int) -> int:
    """Count the function's ends of connections on which nothing waits to be read."""
    local, established, nothing_waits = f":{port:04X}", "01", "00000000"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        row[1].endswith(local) and row[3] == established and row[4].endswith(nothing_waits)
        for row in rows
    )


def wait_until(condition, complaint: str) -> None:
    """Wait for a condition; it is asked every few milliseconds, and fails after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)


def _healthy(function: Function) -> bool:
    assert function.process.poll() is None, function.log()
    try:
        return function.request("GET", "/health").status_code == 200
    except httpx.TransportError:
        return False


def _language(folder: Path) -> str:
    return read_project(folder).language


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
