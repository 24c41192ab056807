"""Many clients at once, with one request in twenty failing behind the function.

Every answer is checked against what it has to be: a session's belongs to the session, a cached one
to its target and to nobody's credential, a UI to its flag.
"""

import asyncio
import contextlib
import json
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.behaviour.conftest import scaffolded
from tests.behaviour.gate import GARBAGE, HALF, Cut, Fault, answer
from tests.behaviour.hosting import Function, hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.origin import Asked, Origin, reply
from tests.behaviour.resources import Resources, most_sockets, settled
from tests.behaviour.store import Kv
from tests.behaviour.visits import FLAG_KEY

CONNECTIONS = 64
FAULTS = 0.05
STORE_FAULTS = (b"", HALF, GARBAGE, answer(500), answer(503), answer(429), answer(401))
_ORIGIN_FAULTS = (Cut(), Cut(HALF), Cut(GARBAGE))

# V8 lets its heap grow for as long as there is memory, which would look like a leak; a real one
# ends the process with this.
_SMALL_HEAP = "--max-semi-space-size=8 --max-old-space-size=64"

Client = aiohttp.ClientSession


@dataclass
class Report:
    """What came back, by kind, and each answer that was wrong, in words."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Crowd:
    """The clients of one function; ``port`` is where it listens."""

    port: int
    kv: Kv
    origin: Origin
    report: Report = field(default_factory=Report)
    chance: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311
    failed: int = 0

    def press(self, pattern: str, goes_on: Callable[[int], bool]) -> Report:
        """Ask from all connections, each again while ``goes_on`` of how often it has asked."""
        clients = {"session": self._session, "cache": self._cache, "flag": self._flag}
        self.kv.put(FLAG_KEY, "true")
        self.origin.reply = self._echo
        with self.kv.failing(self._store_fault):
            asyncio.run(self._all(clients[pattern], goes_on))
        if pattern == "flag" and self.report.answers["200 off"] > self.failed:
            self.report.wrong.append(f"off more often than the {self.failed} times that it failed")
        return self.report

    async def _all(
        self,
        client: Callable[[Client], Callable[[], Awaitable[None]]],
        goes_on: Callable[[int], bool],
    ) -> None:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        timeout = aiohttp.ClientTimeout(total=60)
        base = f"http://127.0.0.1:{self.port}"
        async with aiohttp.ClientSession(base, connector=connector, timeout=timeout) as http:

            async def ask_again_and_again() -> None:
                ask, count = client(http), 0
                while goes_on(count):
                    await ask()
                    count += 1

            async with asyncio.TaskGroup() as group:
                for _ in range(CONNECTIONS):
                    group.create_task(ask_again_and_again())

    def _store_fault(self, request: bytes) -> Fault | None:
        if self.chance.random() > FAULTS:
            return None
        self.failed += 1
        return self.chance.choice(STORE_FAULTS)

    def _echo(self, asked: Asked) -> Fault:
        """Say what was asked, and for whom, so that a mix-up shows."""
        if self.chance.random() < FAULTS:
            return self.chance.choice(_ORIGIN_FAULTS)
        return reply(f"{asked.target} {asked.header('Authorization')}".encode())

    def _session(self, http: Client) -> Callable[[], Awaitable[None]]:
        session_id = f"load-{uuid.uuid4().hex}"
        self.kv.put(f"session/{session_id}", json.dumps({"owner": session_id, "views": 0}))
        views, failures = 0, 0

        async def ask() -> None:
            nonlocal views, failures
            async with http.get("/", headers={"X-Session-ID": session_id}) as response:
                content = await response.json()
            self.report.answers[str(response.status)] += 1
            if response.status == 503:
                failures += 1  # which a slow machine may have written all the same
                return
            least, views = views + 1, content.get("views", -1)
            is_own = content.get("owner") == session_id
            if response.status != 200 or not is_own or not least <= views <= least + failures:
                wrong = f"{session_id}: {response.status} {content}, {least} views expected"
                self.report.wrong.append(wrong)
            failures = 0

        return ask

    def _cache(self, http: Client) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            target = f"/{self.chance.randrange(200)}?of={self.port}"
            token = uuid.uuid4().hex if self.chance.random() < 0.1 else None
            headers = {"Authorization": token} if token else {}
            async with http.get(target, headers=headers) as response:
                content = (await response.read()).decode()
            verdict = response.headers.get("x-cache")
            self.report.answers[f"{response.status} {verdict or ''}".strip()] += 1
            expected = {
                200: f"{target} {token}",
                502: '{"error":"origin unreachable"}',
                504: '{"error":"origin timed out"}',  # by a machine that is very slow
            }
            is_private = verdict == "BYPASS" or not token
            is_right = content.strip() == expected.get(response.status)
            if not is_right or (response.status == 200 and not is_private):
                wrong = f"{target} for {token}: {response.status} {verdict} {content[:80]}"
                self.report.wrong.append(wrong)

        return ask

    def _flag(self, http: Client) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            async with http.get("/") as response:
                content = await response.text()
            flag = response.headers.get("x-flag", "")
            way = flag.removeprefix("new-ui=")
            self.report.answers[f"{response.status} {way}"] += 1
            page = {"on": "New UI", "off": "Old UI"}.get(way)
            if response.status != 200 or not page or page not in content:
                self.report.wrong.append(f"{response.status} {flag} {content[:80]}")

        return ask


@dataclass(frozen=True)
class Endurance:
    """What a long run found: the answers, the rate, and what was held at a third and at the end."""

    report: Report
    per_second: float
    early: Resources
    late: Resources
    most_sockets: int

    @property
    def complaints(self) -> list[str]:
        """Return what is not as it has to be, in words."""
        growth = self.late.memory - self.early.memory
        found = [f"wrong: {answer}" for answer in self.report.wrong[:5]]
        if growth > self.early.memory * 0.25 + 16 * 2**20:
            found.append(f"memory grew by {growth / 2**20:.0f} MiB")
        if self.late.sockets > self.most_sockets:
            found.append(f"{self.late.sockets} sockets are open")
        if self.late.goroutines > 2 * self.late.sockets + 10:
            found.append(f"{self.late.goroutines} goroutines are left")
        return found


def endure(pattern: str, host: str, seconds: float) -> Endurance:
    """Scaffold and start a function with all that it needs, and press it for so many seconds."""
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kv = stack.enter_context(Kv(root / "kv.db").serving())
        origin = stack.enter_context(Origin().listening())
        (root / "work").mkdir()
        folder = scaffolded(root / "function", pattern, HOSTS[host].language)
        environment = kv.environment | {"ORIGIN_URL": origin.url, "NODE_OPTIONS": _SMALL_HEAP}
        hosting = hosted(folder, root / "work", environment, HOSTS[host])
        function = stack.enter_context(hosting)
        clients = Crowd(function.port, kv, origin)
        _press_for(clients, pattern, seconds / 3)
        most = most_sockets(pattern, CONNECTIONS)
        early = settled(function, most)
        _press_for(clients, pattern, seconds * 2 / 3)
        per_second = sum(clients.report.answers.values()) / seconds
        return Endurance(clients.report, per_second, early, settled(function, most), most)


def _press_for(clients: Crowd, pattern: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    clients.press(pattern, lambda _: time.monotonic() < end)


@contextlib.contextmanager
def crowd(function: Function, kv: Kv, origin: Origin) -> Iterator[Crowd]:
    """Yield the clients of a function; the origin is itself again afterwards."""
    try:
        yield Crowd(function.port, kv, origin)
    finally:
        origin.reset()
