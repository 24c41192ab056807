"""Kills a KV at random moments while it is written to, and looks for what it had acknowledged."""

import random
import signal
import threading
import uuid
from pathlib import Path

import httpx

from tests.kv.conftest import KEY, Served, served

_WRITERS = 4
_KEYS = 40  # of each writer: most writes replace one, some delete it


class Writer(threading.Thread):
    """Writes one key after the other until the server is gone.

    ``acknowledged`` has what was last acknowledged of each key, None for a delete; ``pending`` is
    the write that was under way when the server went, of which nobody can say whether it happened.
    """

    def __init__(self, keys: str, url: str, name: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged: dict[str, bytes | None] = {}
        self.pending: tuple[str, bytes | None] | None = None
        self.count = 0
        self._url, self._path, self._name = url, keys, name
        self._random = random.Random(seed)  # noqa: S311

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=20) as http:
            try:
                while True:
                    self._write(http)
            except httpx.TransportError:
                return

    def _write(self, http: httpx.Client) -> None:
        key = f"{self._name}/{self._random.randrange(_KEYS)}"
        value = uuid.uuid4().bytes * self._random.choice((1, 10, 1000))
        is_delete = self._random.random() < 0.1
        self.pending = key, None if is_delete else value
        if is_delete:
            response = http.delete(f"{self._path}/{key}")
        else:
            response = http.put(f"{self._path}/{key}", content=value)
        assert response.is_success, response.text
        self.acknowledged[key] = self.pending[1]
        self.pending = None
        self.count += 1


def crash_and_check(data: Path, times: int, seed: int) -> int:
    """Kill, restart and check so often; returns how many writes were acknowledged in all."""
    chance = random.Random(seed)  # noqa: S311
    expected: dict[str, list[bytes | None]] = {}
    total = 0
    with served(data) as kv:
        keys = kv.namespace()
    for _ in range(times):
        with served(data) as kv:
            _check(kv, keys, expected)
            writers = _killed_under_load(kv, keys, chance)
        for writer in writers:
            expected |= {key: [value] for key, value in writer.acknowledged.items()}
            if writer.pending:
                key, value = writer.pending
                expected.setdefault(key, [None]).append(value)
            total += writer.count
    with served(data) as kv:
        _check(kv, keys, expected)
    return total


def _killed_under_load(kv: Served, keys: str, chance: random.Random) -> list[Writer]:
    # A random number of writes rather than a random time: it works on a slow machine too.
    goal = chance.randrange(10, 400)
    writers = [Writer(keys, kv.url, f"w{n}", chance.randrange(2**32)) for n in range(_WRITERS)]
    for writer in writers:
        writer.start()
    while sum(writer.count for writer in writers) < goal:
        writers[0].join(0.001)
        assert all(writer.is_alive() for writer in writers), "the server went by itself"
    kv.process.send_signal(signal.SIGKILL)
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()
    return writers


def _check(kv: Served, keys: str, expected: dict[str, list[bytes | None]]) -> None:
    for key, values in expected.items():
        response = kv.http.get(f"{keys}/{key}")
        found = response.content if response.status_code == 200 else None
        assert found in values, f"{key} has lost an acknowledged write"
        # What was in doubt is decided now, and has to stay as it is.
        expected[key] = [found]
