"""Kills Redis at random moments while servers write to it, and looks for what was acknowledged."""

import random
import threading
import time
from collections import defaultdict

import httpx

from tests.kv.conftest import KEY, Served
from tests.kv.redis_server import RedisServer

_WRITERS = 4  # for each server
_KEYS = 30  # of each writer
_PATIENCE = 30.0  # seconds


class Writer(threading.Thread):
    """Writes one key after the other until it is stopped, whatever the answers are.

    ``possible`` has what may be found under each key: what was last acknowledged, None for nothing,
    and what was answered with 500 since then, of which nobody can say whether it was written.
    """

    def __init__(self, url: str, keys: str, name: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.possible: dict[str, list[bytes | None]] = defaultdict(lambda: [None])
        self.acknowledged = self.failed = 0
        self.statuses: set[int] = set()
        self._url, self._keys, self._name, self._stop_event = url, keys, name, stop

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        number = 0
        with httpx.Client(base_url=self._url, headers=headers, timeout=_PATIENCE) as http:
            while not self._stop_event.is_set():
                number += 1
                path, value = f"{self._keys}/{self._name}/{number % _KEYS}", b"%d" % number
                self._note(path, value, http.put(path, content=value).status_code)

    def _note(self, path: str, value: bytes, status: int) -> None:
        self.statuses.add(status)
        if status == 500:
            self.failed += 1
            self.possible[path].append(value)
        else:
            self.acknowledged += 1
            self.possible[path] = [value]


def restart_and_check(redis: RedisServer, servers: list[Served], times: int, seed: int) -> int:
    """Kill and start Redis so often under load; returns how many writes were acknowledged."""
    chance, stop = random.Random(seed), threading.Event()  # noqa: S311
    keys = servers[0].namespace()
    writers = [
        Writer(server.url, keys, f"{server_number}-{number}", stop)
        for server_number, server in enumerate(servers)
        for number in range(_WRITERS)
    ]
    for writer in writers:
        writer.start()
    try:
        for _ in range(times):
            _wait_for_more(writers, "acknowledged", chance.randrange(50, 400))
            redis.kill()
            _wait_for_more(writers, "failed", chance.randrange(1, 50))
            redis.start()
        _wait_for_more(writers, "acknowledged", 50)
    finally:
        stop.set()
        for writer in writers:
            writer.join(_PATIENCE)
    assert {status for writer in writers for status in writer.statuses} == {200, 201, 500}
    for writer in writers:
        for path, possible in writer.possible.items():
            response = servers[-1].http.get(path)
            found = response.content if response.status_code == 200 else None
            assert found in possible, f"{path} has lost an acknowledged write"
    return sum(writer.acknowledged for writer in writers)


def _wait_for_more(writers: list[Writer], counter: str, more: int) -> None:
    """Wait until all writers together have counted so many more answers."""
    before = sum(getattr(writer, counter) for writer in writers)
    deadline = time.monotonic() + _PATIENCE
    while sum(getattr(writer, counter) for writer in writers) < before + more:
        assert time.monotonic() < deadline, f"nothing is {counter}"
        time.sleep(0.001)
