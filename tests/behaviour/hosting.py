"""Real functions under real hosts, as processes, for black-box tests."""

import contextlib
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from kvgen.dev.process import free_port
from kvgen.scaffold.project import read_project
from tests.behaviour.hosts import HOSTS, Host
from tests.behaviour.store import PATIENCE

_TLS = ssl.create_default_context()  # never used, but each client would make one of its own


@dataclass(frozen=True)
class Built:
    """A folder that was built for a host: the command is run in the folder."""

    host: Host
    folder: Path
    workdir: Path
    command: Sequence[str]


@dataclass
class Function:
    """A running function: where it listens, its process, and what it has logged so far."""

    host: Host
    port: int
    process: subprocess.Popen[bytes]
    log_file: Path
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        base = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=base, timeout=PATIENCE, verify=_TLS, trust_env=False)

    def hang_up(self) -> None:
        """Close the client's idle connections, so that only those that come are counted."""
        self.client.close()
        self.__post_init__()

    @property
    def language(self) -> str:
        return self.host.language

    def request(self, method: str, path: str = "/", **options: object) -> httpx.Response:
        return self.client.request(method, path, **options)  # type: ignore[arg-type]

    def fresh_request(self, method: str, path: str = "/", **options: object) -> httpx.Response:
        """Send a request over a connection of its own."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with httpx.Client(timeout=PATIENCE, verify=_TLS, trust_env=False) as client:
            return client.request(method, url, **options)  # type: ignore[arg-type]

    def wait_for_connections(self, count: int) -> None:
        """Wait until this many requests have reached the function, as the kernel counts them."""
        # Established and read to their end: nothing is left in the socket's queue.
        wait_until(lambda: _served_connections(self.port) >= count, "connections did not arrive")

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def logged_since(self, mark: int) -> str:
        return self.log()[mark:]


def build(host: Host, folder: Path, workdir: Path) -> Built:
    """Build a folder for a host; ``workdir`` is an empty scratch folder."""
    return Built(host, folder, workdir, host.build(folder, workdir))


@contextlib.contextmanager
def served(built: Built, environment: Mapping[str, str]) -> Iterator[Function]:
    """Run what was built until the block ends."""
    port = free_port()
    log_file = built.workdir / f"{port}.log"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("KV_", "TELNYX_"))}
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            built.command,
            cwd=built.folder,
            env={**inherited, **environment, **built.host.environment(port)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    function = Function(built.host, port, process, log_file)
    try:
        wait_until(lambda: _healthy(function), f"{built.host.name} did not start")
        yield function
    finally:
        function.client.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def hosted(
    folder: Path, workdir: Path, environment: Mapping[str, str], host: Host | None = None
) -> Iterator[Function]:
    """Build and run the function of a folder, under its language's first host if none is given."""
    host = host or HOSTS[read_project(folder).language]
    with served(build(host, folder, workdir), environment) as function:
        yield function


def wait_until(condition, complaint: str) -> None:
    """Wait for a condition; it is asked every few milliseconds, and fails after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)


def _served_connections(port: int) -> int:
    """Count the function's ends of connections on which nothing waits to be read."""
    local, established, nothing_waits = f":{port:04X}", "01", "00000000"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        row[1].endswith(local) and row[3] == established and row[4].endswith(nothing_waits)
        for row in rows
    )


def _healthy(function: Function) -> bool:
    assert function.process.poll() is None, function.log()
    try:
        return function.request("GET", "/health").status_code == 200
    except httpx.TransportError:
        return False
