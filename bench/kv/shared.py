"""The embedded KV in a file beside the same in Redis, served by one process and by two.

    python -m bench.kv.shared

Loaded as in compare.py, each server by a generator of its own: all of them, and Redis, have the
machine's cores between them. The CPU time of a call is that of the servers and of Redis.
"""

import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.kv import peers, settings
from bench.kv.compare import spread
from bench.kv.sides import Server, cpu_of, kvgen_command, resuming
from bench.markdown import table
from bench.places import save

_WORK = peers.WORK / "shared"
_KEYS = [f"session/{number:032x}" for number in range(1000)]
_VALUE = "x" * 100
_UNITS = {"per_second": "a second", "microseconds": "µs of CPU each"}

#: The stores, by the name that the table shows: how often Redis brings its log to the disk.
_STORES: Mapping[str, str | None] = {
    "SQLite": None,
    "Redis, appendfsync everysec": "everysec",
    "Redis, appendfsync always": "always",
}


def run() -> dict[str, Any]:
    """Measure all of it, and write and return the figures."""
    seen: dict[str, Any] = {"writes": {}, "reads": {}}
    for name, policy in _STORES.items():
        with _servers(policy) as (servers, redis):
            servers[0].load(_requests(servers[0], "PUT"), count=2 * len(_KEYS))
            for _ in range(settings.ROUNDS):
                for count in (1, 2):
                    for kind, method in (("writes", "PUT"), ("reads", "GET")):
                        rounds = seen[kind].setdefault(f"{name}; {count} serving", [])
                        rounds.append(_measured(servers[:count], redis, method))
    return save("shared", seen)


def _measured(servers: list[Server], redis: list[int], method: str) -> dict[str, float]:
    """Load servers at once; returns how many calls a second, and the CPU time of each."""
    reports: list[dict[str, Any]] = []

    def load(server: Server) -> None:
        reports.append(server.load(_requests(server, method), seconds=settings.SECONDS))

    processes = [*(server.pid for server in servers), *redis]
    before = sum(map(cpu_of, processes))
    loads = [threading.Thread(target=load, args=(server,)) for server in servers]
    for each in loads:
        each.start()
    for each in loads:
        each.join()
    taken = sum(map(cpu_of, processes)) - before
    calls = sum(sum(report["statuses"].values()) for report in reports)
    return {
        "per_second": round(sum(report["per_second"] for report in reports), 1),
        "microseconds": round(taken / calls * 1e6, 2),
    }


def _requests(server: Server, method: str) -> list[dict[str, Any]]:
    body = _VALUE if method == "PUT" else ""
    return [server.request(method, key, body) for key in _KEYS]


@contextlib.contextmanager
def _servers(policy: str | None) -> Iterator[tuple[list[Server], list[int]]]:
    """Yield two servers over an empty store, and the process of Redis where it is one."""
    shutil.rmtree(_WORK, ignore_errors=True)
    _WORK.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        redis = [stack.enter_context(_redis(policy))] if policy else []
        command: Callable[[Path], list[str]] = _over_redis if policy else kvgen_command
        data = _WORK / "data"
        yield [stack.enter_context(resuming(command, data)) for _ in range(2)], redis


def _over_redis(_: Path) -> list[str]:
    arguments = ["kv", "serve", "--port", "0", "--json", "--store", f"unix://{_WORK}/socket"]
    return [sys.executable, "-m", "kvgen", *arguments]


@contextlib.contextmanager
def _redis(policy: str) -> Iterator[int]:
    command = [peers.redis_server(), "--port", "0", "--unixsocket", f"{_WORK}/socket", "--save", ""]
    command += ["--dir", str(_WORK), "--appendonly", "yes", "--appendfsync", policy]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        # It says so only once it has opened the socket.
        next(line for line in process.stdout if "ready to accept connections" in line)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def markdown(figures: Mapping[str, Any]) -> str:
    """Write the section of RESULTS.md."""
    columns = [(kind, unit) for kind in figures for unit in _UNITS]
    rows = [
        (name, *(spread([each[unit] for each in figures[kind][name]]) for kind, unit in columns))
        for name in figures["writes"]
    ]
    return "\n\n".join(
        (
            "In a file and in Redis, served by one process and by two. Loaded as above, each by a "
            "generator of its own: servers, Redis and load share the cores. The CPU time is that of"
            " the servers and of Redis.",
            table(("", *(f"{kind}, {_UNITS[unit]}" for kind, unit in columns)), rows),
        )
    )


if __name__ == "__main__":
    print(markdown(run()))
