"""An instance of a function: how soon it answers, and what it keeps in memory."""

import statistics
import time
from typing import Any

from bench.functions import LANGUAGES, OTHERS, ask, ask_once, command, variables
from bench.places import HERE, save
from bench.processes import Command, build, running
from bench.rig import Store, store
from bench.settings import REQUESTS, STARTS

_CONNECTIONS = 16

# Node's heap grows with the memory of the machine. In the platform's container of 256 MB it takes
# half of that at most, by itself; here it has to be told.
_CONTAINER = {"NODE_OPTIONS": "--max-heap-size=128"}


def run() -> dict[str, Any]:
    """Start instances in turn with a hello world, and send one of each many requests."""
    starts, memory = [], []
    with store() as kv:
        for language in LANGUAGES:
            own = command("kvgen", "session", language)
            starts.append({"language": language} | _starts(kv, own))
            memory.append({"language": language} | _memory(kv, own))
    return save("instances", {"starts": starts, "memory": memory, "requests": REQUESTS})


def _starts(kv: Store, own: Command) -> dict[str, float]:
    """Return the median milliseconds from the spawn to the first 200 on /health.

    ``session`` is to the answer of a session that is asked for right then.
    """
    other = OTHERS.get(own.language, own.language)
    hello = build(other, HERE / "hello" / other)
    environment = variables(kv, "kvgen", "session")
    taken: dict[str, list[float]] = {"kvgen": [], "hello": [], "session": []}
    for _ in range(max(1, STARTS // 2)):
        for name, each in (("kvgen", own), ("hello", hello)):
            with running(each, environment) as function:
                answered = time.perf_counter()
                taken[name].append(1000 * function.seconds)
                if name == "kvgen":
                    ask_once(function.port, "session")
                    seconds = function.seconds + time.perf_counter() - answered
                    taken["session"].append(1000 * seconds)
    return {name: statistics.median(times) for name, times in taken.items()}


def _memory(kv: Store, own: Command) -> dict[str, float]:
    """Return megabytes at rest, after the requests, and after as many again."""
    with running(own, variables(kv, "memory", "session") | _CONTAINER) as function:
        rest = function.memory()
        ask(function.port, "session", _CONNECTIONS, rounds=REQUESTS)
        early = function.memory()
        ask(function.port, "session", _CONNECTIONS, rounds=REQUESTS)
        return {"rest": rest, "early": early, "late": function.memory()}
