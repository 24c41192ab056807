"""The embedded KV beside Miniflare's and Deno's, each kept on disk, in one run and in turns.

    python -m bench.kv.compare

Measured from outside, over HTTP/1.1 with keep-alive at 16 connections, by one load generator in a
process of its own (load.py): values of 100 bytes under 1,000 keys like ``session/<32 hex digits>``.
A write is durable against the end of the process: its transaction is committed before it is
answered, on all three sides. Then starts, from the process's own to its first answer; then the
embedded KV alone, with 1,000 keys beside 1,000,000, and over a million writes.

The CPU time of a call is that of all the processes of a side: on a machine that is busy with other
things it says more than requests a second do. Prints the tables and writes kv.json;
BENCH_KV_* in the environment shorten it.
"""

import contextlib
import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from bench.kv import growth, peers, settings
from bench.kv.sides import SIDES, Server, serving
from bench.markdown import number
from bench.markdown import table as report_table
from bench.places import save

_KEYS = [f"session/{number:032x}" for number in range(1000)]
_VALUE = "x" * 100


def run() -> dict[str, Any]:
    """Measure all of it, and write and return the figures."""
    figures = {
        "versions": _versions(),
        "at 16 connections": _throughput(),
        "start": _starts(),
        "growth": growth.flat(),
        "memory": growth.memory(),
    }
    return save("kv", figures)


def _throughput() -> dict[str, Any]:
    """Return, for each kind and side, requests a second and the CPU time of one, a round each."""
    with contextlib.ExitStack() as stack:
        servers: dict[str, Server] = {
            name: stack.enter_context(serving(command, peers.WORK / name))
            for name, command in SIDES.items()
        }
        seen: dict[str, dict[str, list[dict[str, float]]]] = {
            kind: {name: [] for name in servers} for kind in ("writes", "reads")
        }
        for server in servers.values():  # makes the keys, and warms up
            server.load([server.request("PUT", key, _VALUE) for key in _KEYS], count=2 * len(_KEYS))
        for _ in range(settings.ROUNDS):
            for name, server in servers.items():
                for kind, method, body in (("writes", "PUT", _VALUE), ("reads", "GET", "")):
                    requests = [server.request(method, key, body) for key in _KEYS]
                    seen[kind][name].append(server.measured(requests, settings.SECONDS))
        return seen


def _starts() -> dict[str, list[float]]:
    """Return seconds from the start of the process to its first answer."""
    seen: dict[str, list[float]] = {name: [] for name in SIDES}
    for _ in range(settings.STARTS):
        for name, command in SIDES.items():
            with serving(command, peers.WORK / "start") as server:
                seen[name].append(round(server.seconds, 4))
    return seen


def _versions() -> dict[str, str]:
    packages = ("uvicorn", "uvloop", "httptools", "starlette")
    lock = json.loads((peers.HERE / "package-lock.json").read_text())["packages"]
    (deno,) = peers.packages().glob("deno-*.dist-info")
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in packages},
        "miniflare": lock["node_modules/miniflare"]["version"],
        "deno": deno.name.split("-")[1].removesuffix(".dist"),
        "cores": str(os.cpu_count()),
    }


def table(rows: Mapping[str, Sequence[float]], *, higher_is_better: bool) -> str:
    """Return medians and ranges, and how many times better the first side is than each."""
    lines = []
    first = statistics.median(next(iter(rows.values())))
    for name, values in rows.items():
        median = statistics.median(values)
        times = first / median if higher_is_better else median / first
        spread = f"{min(values):,.4g} to {max(values):,.4g}"
        lines.append(f"  {name:<11}{median:>10,.4g}  {spread:<24}kvgen {times:.2f}x")
    return "\n".join(lines)


def markdown(figures: Mapping[str, Any]) -> str:
    """Write the section of RESULTS.md."""
    units = {"per_second": "a second", "microseconds": "µs of CPU each"}
    rows = [
        (f"{kind}, {unit}", *(spread([each[column] for each in sides[name]]) for name in SIDES))
        for kind, sides in figures["at 16 connections"].items()
        for column, unit in units.items()
    ]
    starts = [spread([1000 * seconds for seconds in figures["start"][name]]) for name in SIDES]
    growth, memory = figures["growth"], figures["memory"]
    few, many = f"{growth['few']:,} keys", f"{growth['many']:,} keys"
    costs = [
        (kind, spread(cost["few"]), spread(cost["many"]), f"{cost['ratio']:.2f}")
        for kind, cost in growth["microseconds of CPU a call"].items()
    ]
    return "\n\n".join(
        (
            "Over HTTP at 16 connections, values of 100 bytes, writes committed before they are "
            "answered; the median and the range of the rounds.",
            report_table(("", *SIDES), [*rows, ("start to first answer, ms", *starts)]),
            "The embedded KV alone: µs of CPU of a call.",
            report_table(("", few, many, "ratio"), costs),
            f"Memory: {memory['MB after a tenth']} MB after a tenth of {memory['writes']:,} "
            f"writes, {memory['MB after all']} MB after all.",
        )
    )


def spread(values: Sequence[float]) -> str:
    """Return the median of the values, and their range."""
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{number(middle)} ({number(least)} to {number(most)})"


def main() -> None:
    """Measure, and print what came out."""
    figures = run()
    for kind, sides in figures["at 16 connections"].items():
        for column, title in (("per_second", "a second"), ("microseconds", "us of CPU each")):
            rows = {name: [seen[column] for seen in sides[name]] for name in sides}
            print(f"{kind}, {title}: median, range, ratio of medians")
            print(table(rows, higher_is_better=column == "per_second"))
    print("seconds from start to first answer")
    print(table(figures["start"], higher_is_better=False))
    growing = figures["growth"]
    print(f"us of CPU of a call with {growing['few']:,} keys, and with {growing['many']:,}")
    for kind, costs in growing["microseconds of CPU a call"].items():
        few, many = (statistics.median(costs[name]) for name in ("few", "many"))
        print(f"  {kind:<14}{few:>8.1f}{many:>8.1f}  ratio {costs['ratio']}")
    print(f"memory: {figures['memory']}")


if __name__ == "__main__":
    main()
