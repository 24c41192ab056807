"""The servers that are compared: how each is started, asked, measured from outside and stopped."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.kv import peers
from kvgen.languages.toolchains import find_node

_TICK = os.sysconf("SC_CLK_TCK")
_HEADERS = {"Authorization": "Bearer bench", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Server:
    """A server that answers; ``prefix`` is the path that its keys are below.

    ``seconds`` is how long that took, from the start of its process to its first answer.
    """

    port: int
    pid: int
    prefix: str
    seconds: float

    def request(self, method: str, key: str, body: str = "") -> dict[str, Any]:
        """Return a request for a key, as the load generator takes it."""
        target = f"{self.prefix}/{key.replace('/', '%2F')}"
        return {"method": method, "target": target, "headers": _HEADERS, "body": body}

    def load(
        self, requests: Sequence[Mapping[str, Any]], *, seconds: float = 0, count: int = 0
    ) -> dict[str, Any]:
        """Make requests at 16 connections, from a process of its own; returns what it says."""
        command = [sys.executable, str(peers.HERE / "load.py"), f"127.0.0.1:{self.port}"]
        command += ["--seconds", str(seconds)] if seconds else ["--requests", str(count)]
        done = subprocess.run(
            command, input=json.dumps(requests), capture_output=True, text=True, check=True
        )
        report: dict[str, Any] = json.loads(done.stdout)
        if set(report["statuses"]) - {"200", "201"}:
            raise SystemExit(f"not all answers were good: {report}")
        return report

    def measured(self, requests: Sequence[Mapping[str, Any]], seconds: float) -> dict[str, float]:
        """Make requests for so long; returns how many a second, and the CPU time of each."""
        before = self.cpu()
        report = self.load(requests, seconds=seconds)
        cost = (self.cpu() - before) / sum(report["statuses"].values()) * 1e6
        return {"per_second": report["per_second"], "microseconds": round(cost, 2)}

    def cpu(self) -> float:
        """Return the seconds of CPU time that it has taken so far, its children's included."""
        return cpu_of(self.pid)

    def memory(self) -> float:
        """Return its resident memory in MB, its children's included."""
        pages = sum(int(_status(pid)[21]) for pid in _family(self.pid))
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU time that a process and those below it have taken so far."""
    fields = [_status(each) for each in _family(pid)]
    return sum(int(field[11]) + int(field[12]) for field in fields) / _TICK


def kvgen_command(data: Path) -> list[str]:
    """Return what serves the embedded KV as a user would."""
    arguments = ["kv", "serve", "--port", "0", "--json", "--data", str(data)]
    return [sys.executable, "-m", "kvgen", *arguments]


def _miniflare(data: Path) -> list[str]:
    return [str(find_node()), str(peers.node_modules() / "miniflare.mjs")]


def _deno(data: Path) -> list[str]:
    allowed = ["--allow-env=DATA", "--allow-net=127.0.0.1", "--allow-read", "--allow-write"]
    script = str(peers.HERE / "deno_kv.ts")
    return [str(peers.deno()), "run", "--unstable-kv", "--no-lock", *allowed, script]


#: The sides, by the name that a table shows.
SIDES: Mapping[str, Callable[[Path], list[str]]] = {
    "kvgen": kvgen_command,
    "miniflare": _miniflare,
    "Deno KV": _deno,
}


@contextlib.contextmanager
def serving(command: Callable[[Path], list[str]], work: Path) -> Iterator[Server]:
    """Start a server over data of its own in ``work``, which is emptied first."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with resuming(command, work / "data") as server:
        yield server


@contextlib.contextmanager
def resuming(command: Callable[[Path], list[str]], data: Path) -> Iterator[Server]:
    """Start a server over data that may be there already."""
    arguments = command(data)
    began = time.perf_counter()
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "DATA": str(data), "NO_COLOR": "1"},
    )
    try:
        assert process.stdout is not None
        said = re.search(r"(\d+)\D*$", process.stdout.readline().split('", "')[0])
        if not said:
            raise SystemExit(f"{arguments[0]} did not say where it listens")
        port = int(said[1])
        is_kvgen = any(word.startswith(("kvgen", "bench.kv.")) for word in arguments)
        prefix = _first_answer(port, is_kvgen, process)
        yield Server(port, process.pid, prefix, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(20)


def _first_answer(port: int, is_kvgen: bool, process: subprocess.Popen[str]) -> str:
    """Ask until there is an answer; returns the path that keys are below."""
    while process.poll() is None:
        with contextlib.suppress(urllib.error.URLError):
            prefix = _keys(port) if is_kvgen else ""
            # A 404 is an answer, and an error to urllib.
            try:
                _ask(port, f"{prefix}/none")
            except urllib.error.HTTPError:
                return prefix
        time.sleep(0.002)
    raise SystemExit("the server ended before it answered")


def _keys(port: int) -> str:
    (namespace,) = json.loads(_ask(port, "/v2/storage/kvs"))["data"]
    return f"/v2/storage/kvs/{namespace['id']}/keys"


def _ask(port: int, path: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=_HEADERS)
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


def _status(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
