"""The local servers under attack, thousands of times; SOAK in the environment scales the counts."""

import contextlib
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import kvgen_process
from tests.dev.conftest import developing
from tests.kv.attacks import ATTACKS, MIB, Cost, Target, endured, observed
from tests.kv.conftest import served
from tests.kv.test_guard import ODD
from tests.soak.tally import tell

_SCALE = float(os.environ.get("SOAK", "1"))
_SERVERS = ("kv", "javascript", "python")
_WELL_FORMED = (
    b"GET PATH HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\n\r\n",
    b"POST PATH HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody",
    b"PUT PATH HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nbody\r\n0\r\n\r\n",
)


def _scaled(count: int) -> int:
    return max(1, round(count * _SCALE))


@contextlib.contextmanager
def _serving(server: str, work: Path) -> Iterator[Target]:
    """Run a server; whatever happens to it, its output has no traceback in it."""
    if server == "kv":
        log = work / "log"
        with log.open("wb") as stderr, served(work / "kv.db", stderr=stderr) as kv:
            yield Target(int(kv.url.rsplit(":", 1)[1]), kv.process.pid, "/openapi.json")
        assert "Traceback" not in log.read_text()
        return
    folder = work / "function"
    assert kvgen_process(["new", "session", str(folder), "-l", server]).wait(60) == 0
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        yield Target(int(dev.url.rsplit(":", 1)[1]), dev.process.pid, "/health")
        assert "Traceback" not in dev.output


@pytest.mark.parametrize("server", _SERVERS)
def test_attacks_cost_neither_memory_nor_the_time_of_others(server, tmp_path, capsys):
    rounds, failures = _scaled(20), []
    with _serving(server, tmp_path) as target:
        for name in list(ATTACKS) * rounds:
            cost = endured(target, name, 256 * MIB)
            if not cost.is_bearable():
                failures.append((name, cost))
    tell(capsys, f"{server}: attacks", len(ATTACKS) * rounds, failures)


def _mutated(chance: random.Random, path: str) -> bytes:
    """Return a request in which some bytes are others, twice there, or gone."""
    data = bytearray(chance.choice((*_WELL_FORMED, *ODD.values())).replace(b"PATH", path.encode()))
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(3)] = chance.choice(
            (b"", b"\r\n", b"\0", b" ", b"\xff", bytes([chance.randrange(256)]), data[at : at + 9])
        )
    return bytes(data)


@pytest.mark.parametrize("server", _SERVERS)
def test_mangled_requests_are_answered_or_refused(server, tmp_path, capsys):
    tries, chance, statuses = _scaled(5000), random.Random(13), Counter[bytes]()  # noqa: S311
    failures: list[object] = []
    with _serving(server, tmp_path) as target, observed(target) as cost:
        for _ in range(tries):
            request = _mutated(chance, target.path)
            answer = target.ask(request, 0.05)
            statuses[answer[9:12]] += 1
            if answer[9:12] in (b"500", b"502") or answer[:9] not in (b"HTTP/1.1 ", b""):
                failures.append((request, answer[:200]))
    failures += [cost] if cost.failed else []
    tell(capsys, f"{server}: mangled requests {dict(statuses)}", tries, failures)


@pytest.mark.parametrize("server", _SERVERS)
def test_clients_that_leave_anywhere_leave_nothing(server, tmp_path, capsys):
    tries, chance = _scaled(5000), random.Random(13)  # noqa: S311
    failures: list[Cost | int] = []
    with _serving(server, tmp_path) as target:
        with observed(target) as cost:
            for _ in range(tries):
                data = chance.choice(_WELL_FORMED).replace(b"PATH", target.path.encode())
                with contextlib.suppress(OSError), target.connect() as raw:
                    raw.sendall(data[: chance.randrange(len(data))])
        left = len(list(Path(f"/proc/{target.pid}/fd").iterdir()))
        failures += [] if cost.is_bearable() else [cost]
        failures += [left] if left > 400 else []
    tell(capsys, f"{server}: clients that leave", tries, failures)
