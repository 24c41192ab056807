"""The two ends of a function while it is measured: the load, and the store behind it."""

import contextlib
import json
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.places import traffic

KEYS = "/v2/storage/kvs"


@dataclass(frozen=True)
class Store:
    """The stand-in for the KV, and for an origin."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def delay(self, milliseconds: float) -> None:
        """Let every call take this long from now on."""
        self._ask("GET", f"/_delay/{milliseconds}ms")

    def take_calls(self) -> dict[str, int]:
        """Return how many calls there were since this was last asked, by method."""
        counts: dict[str, int] = json.loads(self._ask("GET", "/_calls"))
        return counts

    def put(self, namespace: str, key: str, value: str) -> None:
        """Store a value; ``key`` is percent-encoded."""
        self._ask("PUT", f"{KEYS}/{namespace}/keys/{key}", value.encode())

    def _ask(self, method: str, target: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}{target}", body, method=method)  # noqa: S310
        with urllib.request.urlopen(request) as response:  # noqa: S310 - loopback
            content: bytes = response.read()
        return content


@contextlib.contextmanager
def store() -> Iterator[Store]:
    """Run the stand-in."""
    process = subprocess.Popen([traffic("store")], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Store(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


def load(
    port: int,
    requests: Sequence[str],
    *,
    connections: int,
    seconds: float = 1.0,
    warm: float = 0.0,
    rounds: int = 0,
    headers: Sequence[str] = (),
    body: str = "",
) -> dict[str, Any]:
    """Send requests as ``traffic/load`` does; SystemExit where an answer is no success."""
    command: list[str] = [str(traffic("load")), f"-address=127.0.0.1:{port}", f"-body={body}"]
    command += [f"-connections={connections}", f"-seconds={seconds}", f"-warm={warm}"]
    command += [f"-rounds={rounds}", *(f"-header={header}" for header in headers)]
    command += [f"-request={request}" for request in requests]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the load failed: {done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    if report["statuses"].keys() - {"200", "201"}:
        raise SystemExit(f"a function failed under load: {report['statuses']}")
    return report
