"""Ways to use up a server on this machine, and what they cost it: memory, and others' time."""

import contextlib
import http.client
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1_048_576
MOST_GROWTH = 32 * MIB
MOST_SECONDS = 1.0

_TRIES = 3  # for the seconds: others use this machine too
_HEAD = b"Host: localhost\r\n"


@dataclass
class Target:
    """A server, and a path that costs it little."""

    port: int
    pid: int
    path: str

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, data: bytes, seconds: float = 10) -> bytes:
        """Send something, and return all that comes until the server closes the connection."""
        with self.connect() as raw:
            raw.settimeout(seconds)
            answer = bytearray()
            with contextlib.suppress(OSError):
                raw.sendall(data)
            with contextlib.suppress(OSError):
                while chunk := raw.recv(65_536):
                    answer += chunk
            return bytes(answer)


Attack = Callable[[Target, int], list[socket.socket]]  # returns what it keeps open


@dataclass
class Cost:
    """What a server did while something went on; the most of each."""

    growth: int = 0  # bytes
    seconds: float = 0.0  # until another client had its answer
    asked: int = 0
    failed: list[str] = field(default_factory=list)

    def is_bearable(self) -> bool:
        is_fast = self.seconds < MOST_SECONDS and not self.failed
        return bool(self.asked) and self.growth < MOST_GROWTH and is_fast


@contextlib.contextmanager
def observed(target: Target) -> Iterator[Cost]:
    """Watch a server while the block runs: its memory, and how it answers others."""
    cost, over = Cost(), threading.Event()
    _ask(target, Cost())  # its first answer takes memory of its own
    before = _memory(target.pid)

    def watch() -> None:
        while not over.wait(0.02):
            _ask(target, cost)
            cost.growth = max(cost.growth, _memory(target.pid) - before)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield cost
        time.sleep(0.2)
    finally:
        over.set()
        watching.join()


def _ask(target: Target, cost: Cost) -> None:
    began = time.perf_counter()
    client = http.client.HTTPConnection("127.0.0.1", target.port, timeout=20)
    try:
        client.request("GET", target.path)
        client.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        cost.failed.append(repr(error))
    finally:
        client.close()
    cost.asked += 1
    cost.seconds = max(cost.seconds, time.perf_counter() - began)


def _memory(pid: int) -> int:
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        return int(status.read_text().partition("VmRSS:")[2].split()[0]) * 1024
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(shown.stdout) * 1024


def sent_unread(raw: socket.socket, chunk: bytes, most: int, patience: float = 0.5) -> int:
    """Send chunks and read nothing, until the server takes no more; returns how many bytes."""
    sent = 0
    raw.settimeout(patience)
    with contextlib.suppress(OSError):
        while sent < most:
            sent += raw.send(chunk)
    return sent


def _endless(first: bytes, then: bytes) -> Attack:
    """Send a beginning, and then the same over and over; PATH in it is the target's."""

    def attack(target: Target, most: int) -> list[socket.socket]:
        raw = target.connect()
        path = target.path.encode()
        raw.sendall(first.replace(b"PATH", path))
        chunk = then.replace(b"PATH", path)
        sent_unread(raw, chunk * max(1, 65_536 // len(chunk)), most)
        return [raw]

    return attack


def _on_many(attack: Attack, count: int) -> Attack:
    return lambda target, most: [raw for _ in range(count) for raw in attack(target, most)]


def _opened(count: int, *beginnings: bytes) -> Attack:
    """Open connections, and send no more than the beginnings in turn."""

    def attack(target: Target, most: int) -> list[socket.socket]:
        held = []
        for number in range(count):
            with contextlib.suppress(OSError):
                raw = target.connect()
                beginning = beginnings[number % len(beginnings)]
                raw.sendall(beginning.replace(b"PATH", target.path.encode()))
                held.append(raw)
        return held

    return attack


_GET = b"GET PATH HTTP/1.1\r\n"
_POST = b"POST PATH HTTP/1.1\r\n" + _HEAD
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
_ASKED = _GET + _HEAD + b"\r\n"

ATTACKS: dict[str, Attack] = {
    "pipelined requests": _endless(b"", _ASKED),
    "pipelined on many": _on_many(_endless(b"", _ASKED), 8),
    "pipelined and tiny": _endless(b"", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
    "pipelined and refused": _endless(b"", b"GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    "headers": _endless(_GET, b"a: b\r\n"),
    "a header line": _endless(_GET + b"a: ", b"b"),
    "a header name": _endless(_GET, b"b"),
    "a target": _endless(b"GET /", b"b"),
    "a method": _endless(b"", b"G"),
    "empty lines": _endless(b"", b"\r\n"),
    "a body": _endless(_CHUNKED, b"1000\r\n" + b"x" * 0x1000 + b"\r\n"),
    "a body in crumbs": _endless(_CHUNKED, b"1\r\nx\r\n"),
    "empty lines in a body": _endless(_CHUNKED, b"1000\r\n" + b"\r\n" * 0x800 + b"\r\n"),
    "a chunk's extension": _endless(_CHUNKED + b"1;", b"x"),
    "trailers": _endless(_CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n"),
    "a trailer": _endless(_CHUNKED + b"1\r\nx\r\n0\r\na: ", b"x"),
    "idle connections": _opened(1500, b""),
    "half requests": _opened(600, _POST, _POST + b"Content-Length: 9\r\n\r\n"),
}


def endured(target: Target, name: str, most: int) -> Cost:
    """Attack a server, and return what that costs it."""
    for _ in range(_TRIES):
        with observed(target) as cost:
            held = ATTACKS[name](target, most)
            time.sleep(0.3)
            for raw in held:
                raw.close()
        if cost.seconds < MOST_SECONDS or cost.growth >= MOST_GROWTH:
            break
    return cost
