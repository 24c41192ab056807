"""What kvgen generates against the documentation page's code, and against the limit."""

import contextlib
import statistics
import urllib.request
from collections.abc import Iterator
from typing import Any

from bench.places import HERE, generated, save
from bench.processes import Command, Running, build, running
from bench.rig import KEYS, Store, load, store
from bench.settings import ROUNDS, SECONDS

LANGUAGES = ("javascript", "typescript", "python", "go")
#: In JavaScript are the programs that TypeScript is compared with: it is the same to Node.
OTHERS = {"typescript": "javascript"}
SIDES = ("page", "kvgen", "limit")
CONNECTIONS = (1, 16, 64)
DELAYS = (0, 5, 20)  # milliseconds

# A target a connection: what many ask for at the same moment, kvgen reads for all of them at once.
_TARGETS = {"session": "GET /", "cache": "GET /users/{c}", "flag": "GET /"}
_SESSION = "a-session-of-the-bench-{c}"
_VALUE = "x" * 90  # bytes, about those of a session in its envelope
_WARM_UP = 3.0  # seconds: a JavaScript function gets faster for that long
_WARM = 0.25  # seconds before each turn
_TARGETED = {(16, 0), (16, 20)}  # connections and delays
_MORE = 4  # times as many turns


def run() -> dict[str, Any]:
    """Measure all; every figure is the median of turns that the sides took one after the other."""
    cells = []
    with store() as kv:
        for language in LANGUAGES:
            with _all_sides(kv, "session", language) as sides:
                for delay in DELAYS:
                    for connections in CONNECTIONS:
                        cells += _measure(kv, "session", language, sides, connections, delay)
            for pattern in ("cache", "flag"):
                with _all_sides(kv, pattern, language) as sides:
                    cells += _measure(kv, pattern, language, sides, 16, 0)
        trips = [_trips(kv, connections, delay) for delay in DELAYS for connections in CONNECTIONS]
    return save("functions", {"cells": cells, "trips": trips})


def command(side: str, pattern: str, language: str) -> Command:
    """Return what starts one side's program."""
    if side == "kvgen":
        return build(language, generated(pattern, language))
    other = OTHERS.get(language, language)
    return build(other, HERE / side / other)


def variables(kv: Store, side: str, pattern: str) -> dict[str, str]:
    """Return the environment of a function: the page and the limit have all patterns in one."""
    return {
        "TELNYX_BASE_URL": kv.url,
        "TELNYX_API_KEY": "KEY-of-the-bench",
        "KV_NAMESPACE_ID": f"{side}-{pattern}",
        "ORIGIN_URL": kv.url,
        "PATTERN": pattern,
    }


def ask(port: int, pattern: str, connections: int, **how: Any) -> dict[str, Any]:
    """Load a function with the requests of its pattern."""
    headers = [f"X-Session-ID: {_SESSION}"] if pattern == "session" else []
    return load(port, [_TARGETS[pattern]], connections=connections, headers=headers, **how)


def ask_once(port: int, pattern: str) -> None:
    """Send one request of a pattern, without the start of a program before it."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/")
    if pattern == "session":
        request.add_header("X-Session-ID", _SESSION.format(c=0))
    urllib.request.urlopen(request).close()  # noqa: S310 - loopback


@contextlib.contextmanager
def _all_sides(kv: Store, pattern: str, language: str) -> Iterator[dict[str, Running]]:
    with contextlib.ExitStack() as stack:
        sides = {}
        for side in SIDES:
            environment = variables(kv, side, pattern)
            if pattern == "flag":
                kv.put(environment["KV_NAMESPACE_ID"], "flag%2Fnew-ui", "true")
            program = running(command(side, pattern, language), environment)
            sides[side] = stack.enter_context(program)
            # So that a cache is filled, and V8 has compiled what is hot.
            ask(sides[side].port, pattern, connections=16, seconds=_WARM_UP)
        yield sides


def _measure(
    kv: Store,
    pattern: str,
    language: str,
    sides: dict[str, Running],
    connections: int,
    delay: int,
) -> list[dict[str, Any]]:
    kv.delay(delay)
    turns: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for _ in range(_rounds(connections, delay)):
        for side, function in sides.items():
            turns[side].append(_turn(kv, function, pattern, connections))
    kv.delay(0)
    return [
        {"pattern": pattern, "language": language, "side": side, "connections": connections}
        | {"delay": delay}
        | {name: statistics.median(turn[name] for turn in taken) for name in taken[0]}
        | {"spread": _spread([turn["per_second"] for turn in taken])}
        for side, taken in turns.items()
    ]


def _turn(kv: Store, function: Running, pattern: str, connections: int) -> dict[str, float]:
    kv.take_calls()
    before = function.cpu()
    report = ask(function.port, pattern, connections, seconds=SECONDS, warm=_WARM)
    cpu = function.cpu() - before
    calls = kv.take_calls()
    return {
        "per_second": report["rounds"] / report["seconds"],
        "cpu_ms": 1000 * cpu / report["all"],
        "p50": report["p50"],
        "p99": report["p99"],
        **{name: count / report["all"] for name, count in calls.items()},
    }


def _trips(kv: Store, connections: int, delay: int) -> dict[str, Any]:
    """Make a session's two round trips without a function in between."""
    kv.delay(delay)
    kv.put("trips", "session", _VALUE)
    key = f"{KEYS}/trips/keys/session"
    turns = []
    for _ in range(_rounds(connections, delay)):
        turns.append(
            load(
                kv.port,
                [f"GET {key}", f"PUT {key}"],
                connections=connections,
                seconds=SECONDS,
                warm=_WARM,
                body=_VALUE,
            )
        )
    kv.delay(0)
    p50, p99 = (statistics.median(turn[name] for turn in turns) for name in ("p50", "p99"))
    return {"connections": connections, "delay": delay, "p50": p50, "p99": p99}


def _rounds(connections: int, delay: int) -> int:
    """Return how many turns to take: more where there is a target, since turns differ a lot."""
    return _MORE * ROUNDS if (connections, delay) in _TARGETED else ROUNDS


def _spread(values: list[float]) -> float:
    """Return how far the extremes are apart, as a part of the median."""
    return (max(values) - min(values)) / statistics.median(values)
