"""Whether the embedded KV stays as fast when it is full, and as small when it has worked a lot."""

import contextlib
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.kv import peers, settings
from bench.kv.sides import Server, kvgen_command, resuming, serving
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.store import Store

_VALUE = "x" * 100
_FEW = 1000


def _key(number: int) -> str:
    return f"session/{number:032x}"


@contextlib.contextmanager
def _filled(name: str, count: int) -> Iterator[Server]:
    data = peers.WORK / name
    for file in peers.WORK.glob(f"{name}*"):
        file.unlink()
    store = Store(data)
    namespace = store.ensure_namespace(DEV_NAMESPACE)
    with store.transaction():
        for number in range(count):
            store.put(namespace, _key(number), _VALUE.encode())
    store.close()
    with resuming(kvgen_command, data) as server:
        yield server


def _work(server: Server, count: int) -> dict[str, list[dict[str, Any]]]:
    """Return the requests of each kind, all over the keys."""
    numbers = random.Random(1).sample(range(count), min(count, 5000))  # noqa: S311
    page = {**server.request("GET", ""), "target": f"{server.prefix}?limit=100"}
    after = [_key(number).encode().hex() for number in sorted(numbers)[:900]]
    return {
        "reads": [server.request("GET", _key(number)) for number in numbers],
        "writes": [server.request("PUT", _key(number), _VALUE) for number in numbers],
        "pages of 100": [
            {**page, "target": f"{page['target']}&cursor={cursor}"} for cursor in after
        ],
    }


def flat() -> dict[str, Any]:
    """Return the CPU time of a call, in microseconds, with few keys and with many, in turns."""
    peers.WORK.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {}
    with _filled("few", _FEW) as few, _filled("many", settings.KEYS) as many:
        sides = {"few": (few, _work(few, _FEW)), "many": (many, _work(many, settings.KEYS))}
        for kind in ("reads", "writes", "pages of 100"):
            seen: dict[str, list[float]] = {name: [] for name in sides}
            for _ in range(settings.ROUNDS):
                for name, (server, work) in sides.items():
                    cost = server.measured(work[kind], settings.SECONDS)["microseconds"]
                    seen[name].append(cost)
            medians = {name: statistics.median(costs) for name, costs in seen.items()}
            ratio = medians["many"] / medians["few"]
            figures[kind] = {**seen, "ratio": round(ratio, 3)}
    return {"few": _FEW, "many": settings.KEYS, "microseconds of CPU a call": figures}


def memory() -> dict[str, Any]:
    """Return the memory in MB after a tenth of the writes, and after all of them."""
    with serving(kvgen_command, peers.WORK / "memory") as server:
        writes = [server.request("PUT", _key(number), _VALUE) for number in range(5000)]
        server.load(writes, count=settings.WRITES // 10)
        early = server.memory()
        began = time.perf_counter()
        server.load(writes, count=settings.WRITES - settings.WRITES // 10)
        seconds = time.perf_counter() - began
        files = sum(path.stat().st_size for path in Path(peers.WORK / "memory").iterdir())
        return {
            "writes": settings.WRITES,
            "MB after a tenth": round(early, 1),
            "MB after all": round(server.memory(), 1),
            "MB on disk": round(files / 1e6, 1),
            "seconds": round(seconds, 1),
        }
