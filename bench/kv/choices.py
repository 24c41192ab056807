"""Why the embedded KV is served as it is: one choice changed at a time, side by side, in turns.

    python -m bench.kv.choices

Prints requests a second and the CPU time of a call, at 16 connections, and writes
bench/results/kv-choices.json. What it is for: with the choices as they are, no other server, loop,
parser or setting may be clearly better at what a function waits for.
"""

import contextlib
import functools
import json
import os
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.kv import peers, settings
from bench.kv.sides import serving

RESULTS = peers.HERE.parent / "results" / "kv-choices.json"

_KEYS = [f"session/{number:032x}" for number in range(1000)]
_VALUE = "x" * 100

#: What is changed, by the name that the table shows.
VARIANTS: Mapping[str, Mapping[str, object]] = {
    "as it is": {},
    "loop asyncio": {"loop": "asyncio"},
    "parser h11": {"http": "h11"},
    "server granian": {"server": "granian"},
    "server hypercorn": {"server": "hypercorn"},
    "each write by itself": {"group": False},
    "synchronous=OFF": {"synchronous": "OFF"},
    "synchronous=FULL": {"synchronous": "FULL"},
    "mmap_size=256 MiB": {"mmap_size": 268_435_456},
}


def run() -> dict[str, Any]:
    """Measure every variant, and write and return the figures."""
    seen: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(_variant(name, variant)) for name, variant in VARIANTS.items()
        }
        for server in servers.values():
            server.load([server.request("PUT", key, _VALUE) for key in _KEYS], count=2 * len(_KEYS))
        for _ in range(settings.ROUNDS):
            for name, server in servers.items():
                for kind, method, body in (("writes", "PUT", _VALUE), ("reads", "GET", "")):
                    requests = [server.request(method, key, body) for key in _KEYS]
                    figures = seen.setdefault(name, {}).setdefault(kind, [])
                    figures.append(server.measured(requests, settings.SECONDS))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(seen, indent=1) + "\n")
    return seen


@contextlib.contextmanager
def _variant(name: str, variant: Mapping[str, object]) -> Any:
    environment = {
        "VARIANT": json.dumps(variant),
        "PYTHONPATH": os.pathsep.join((str(peers.ROOT), str(peers.packages()))),
    }
    command = functools.partial(_command, environment)
    with serving(command, peers.WORK / f"variant-{name.replace(' ', '-')}") as server:
        yield server


def _command(environment: Mapping[str, str], data: Path) -> list[str]:
    words = [f"{name}={value}" for name, value in environment.items()]
    # kvgen's own packages come first: those of PYTHONPATH are only for what it has not.
    return ["env", *words, sys.executable, "-m", "bench.kv.variant"]


def main() -> None:
    """Measure, and print what came out."""
    for name, kinds in run().items():
        cells = []
        for kind, figures in kinds.items():
            rate, cost = (
                statistics.median(figure[column] for figure in figures)
                for column in ("per_second", "microseconds")
            )
            cells.append(f"{kind} {rate:>9,.0f} /s {cost:>7.1f} us")
        print(f"{name:<22}" + "   ".join(cells))


if __name__ == "__main__":
    main()
