"""The tap in front of a function that misbehaves, or whose clients do; in this process."""

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from kvgen.cli.serving import Complaints
from kvgen.dev.tap import Answered, Tap
from kvgen.kv import bounds, crowd
from kvgen.kv.hosts import Hosts
from kvgen.kv.server import listen
from tests.kv.attacks import MIB, Target
from tests.kv.test_guard import ODD

_HEAD = b"Host: localhost\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Function = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class _Stage:
    target: Target
    tap: Tap
    answered: list[Answered] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)  # by the function
    open: int = 0  # connections of the function

    async def ask(self, data: bytes) -> bytes:
        return await asyncio.to_thread(self.target.ask, data)


@contextlib.asynccontextmanager
async def _stage(function: Function, hosts: Hosts | None = None) -> AsyncIterator[_Stage]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage.open += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await function(reader, writer)
        stage.open -= 1
        writer.close()

    answered: list[Answered] = []
    tap, listener = Tap(answered.append, hosts or Hosts()), listen("127.0.0.1", 0)
    stage = _Stage(Target(listener.getsockname()[1], os.getpid(), "/"), tap, answered)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, tap.listening(listener):
        tap.lead_to(server.sockets[0].getsockname()[1])
        yield stage


async def _reading_heads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A function that answers each head, and looks at no body."""
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(_OK)


async def _hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65_536):
        pass


def _answering(answer: bytes) -> Function:
    async def function(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return function


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - of another thread's doing
            await asyncio.sleep(0.01)


def test_foreign_host_never_reaches_the_function():
    async def go() -> None:
        async with _stage(_reading_heads, Hosts(allowed=["kv"])) as stage:
            for host in (b"evil.example", b"0.0.0.0", b"localhost.evil.example"):
                answer = await stage.ask(b"POST / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
                assert answer.startswith(b"HTTP/1.1 421 ")
                assert "--allow-host" in json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
            allowed = await stage.ask(b"GET / HTTP/1.1\r\nHost: kv:1\r\nConnection: close\r\n\r\n")
            assert allowed.startswith(b"HTTP/1.1 200 ")
            assert [answer.status for answer in stage.answered] == [421, 421, 421, 200]

    asyncio.run(go())


def test_every_request_of_a_connection_is_looked_at():
    async def go() -> None:
        async with _stage(_reading_heads) as stage:
            first = b"GET /1 HTTP/1.1\r\n" + _HEAD + b"\r\n"
            answers = await stage.ask(first * 2 + b"GET /2 HTTP/1.1\r\nHost: evil\r\n\r\n" + first)
            assert answers.startswith(_OK * 2 + b"HTTP/1.1 421 ")
            assert answers.count(b"HTTP/1.1") == 3
            targets = [(answer.target, answer.status) for answer in stage.answered]
            assert targets == [("/1", 200), ("/1", 200), ("/2", 421)]

    asyncio.run(go())


# What h11 takes, and hands on as a line end of HTTP.
@pytest.mark.parametrize("name", sorted(ODD.keys() - {"bare line feeds"}))
def test_odd_request_is_refused_in_json_and_meets_no_function(name):
    async def go() -> None:
        async with _stage(_hanging) as stage:
            head, _, body = (await stage.ask(ODD[name])).partition(b"\r\n\r\n")
            assert head[9:12] in (b"400", b"505")
            assert set(json.loads(body)) == {"error"}
            await _until(lambda: stage.open == 0)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", b"502"),
        (b"garbage\r\n\r\n", b"502"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"502"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", b"502"),
        (_OK + b"more", b"200"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", b"200"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"204"),
    ],
)
def test_answer_of_a_function_is_http_or_a_502(answer, status):
    async def go() -> bytes:
        async with _stage(_answering(answer)) as stage:
            return await stage.ask(b"GET / HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n\r\n")

    assert asyncio.run(go())[9:12] == status


def test_response_that_nobody_reads_is_not_taken_from_the_function():
    written = [0]

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        while written[0] < 512 * MIB:
            writer.write(b"x" * MIB)
            written[0] += MIB
            await writer.drain()

    async def go() -> None:
        async with _stage(endless) as stage:
            with stage.target.connect() as raw:
                raw.sendall(b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n")
                before = -1
                while before < written[0] < 512 * MIB:  # until the function has to wait
                    before = written[0]
                    await asyncio.sleep(0.3)
            assert 0 < written[0] < 64 * MIB
            await _until(lambda: stage.open == 0)

    asyncio.run(go())


def test_answer_that_is_cut_does_not_look_complete():
    async def go() -> bytes:
        cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
        async with _stage(_answering(cut)) as stage:
            answer = await stage.ask(b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n")
            assert [answer.status for answer in stage.answered] == [200]
            return answer

    assert b"502" not in asyncio.run(go())


def _leave(target: Target, count: int, data: bytes) -> None:
    for _ in range(count):
        with target.connect() as raw:
            raw.sendall(data)


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.1\r\n" + _HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"POST / HTTP/1.1\r\n" + _HEAD + b"Content-Length: 9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n",
        b"GET / HTTP/1.1\r\n",
    ],
)
@pytest.mark.parametrize("function", [_hanging, _reading_heads])
def test_clients_that_leave_leave_no_connection_to_the_function(data, function):
    async def go() -> None:
        async with _stage(function) as stage:
            before = len(os.listdir("/dev/fd"))
            await asyncio.to_thread(_leave, stage.target, 700, data)
            await _until(lambda: stage.open == 0 and len(os.listdir("/dev/fd")) <= before)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("limit", "sent", "answer"),
    [
        ("HEAD_SECONDS", b"GET / HTTP/1.1\r\n", b"HTTP/1.1 408 "),
        ("IDLE_SECONDS", b"", b""),
        ("IDLE_SECONDS", b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n", _OK),
    ],
)
def test_connection_whose_time_is_up_is_closed(monkeypatch, limit, sent, answer):
    monkeypatch.setattr(bounds, limit, 0.1)

    async def go() -> bytes:
        async with _stage(_reading_heads) as stage:
            return await asyncio.wait_for(stage.ask(sent), 8)

    assert asyncio.run(go()).startswith(answer)


def test_idle_connections_shut_nobody_out(monkeypatch):
    monkeypatch.setattr(crowd, "most_connections", lambda: 8)

    async def go() -> bytes:
        async with _stage(_reading_heads) as stage:
            held = [stage.target.connect() for _ in range(30)]
            answer = await stage.ask(b"GET / HTTP/1.0\r\n" + _HEAD + b"\r\n")
            for raw in held:
                raw.close()
            return answer

    assert asyncio.run(go()).startswith(b"HTTP/1.1 200 ")


def test_connections_that_all_wait_for_the_function_are_not_closed_for_another(monkeypatch):
    monkeypatch.setattr(crowd, "most_connections", lambda: 2)

    async def go() -> None:
        async with _stage(_hanging) as stage:
            request = b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n"
            held = [stage.target.connect() for _ in range(2)]
            for raw in held:
                raw.sendall(request)
            await _until(lambda: stage.open == 2)
            assert (await stage.ask(request)).startswith(b"HTTP/1.1 503 ")
            assert stage.open == 2
            for raw in held:
                raw.close()
            await _until(lambda: stage.open == 0)

    asyncio.run(go())


def test_one_kind_of_complaint_is_one_line_a_second(capsys):
    now = [0.0]
    complaints = Complaints(clock=lambda: now[0])
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "accept failed\nmore", (), None)
    full = OSError(24, "Too many open files")
    record.exc_info = (OSError, full, None)
    bug = logging.LogRecord("asyncio", logging.ERROR, "", 0, "a bug \x1b[2J", (), None)
    for _ in range(1000):
        complaints.handle(record)
        complaints.handle(bug)
        now[0] += 0.0021
    said = capsys.readouterr().err.splitlines()
    line = "accept failed: OSError: [Errno 24] Too many open files"
    assert said.count(line) == 3
    assert said.count("a bug \\x1b[2J") == 3
    assert len(said) == 6


def test_expectation_of_a_100_is_met():
    async def function(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert await reader.readexactly(4) == b"body"
        writer.write(_OK)

    def ask(target: Target) -> bytes:
        with target.connect() as raw:
            raw.sendall(b"PUT / HTTP/1.1\r\n" + _HEAD)
            raw.sendall(b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            first = raw.recv(65_536)
            assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
            raw.sendall(b"body")
            answer = b""
            while len(answer) < len(_OK):
                answer += raw.recv(65_536)
            return answer

    async def go() -> bytes:
        async with _stage(function) as stage:
            return await asyncio.to_thread(ask, stage.target)

    assert asyncio.run(go()) == _OK


def test_function_that_does_not_listen_is_a_503():
    async def go() -> None:
        async with _stage(_reading_heads) as stage:
            request = b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n"
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                stage.tap.lead_to(taken.getsockname()[1])
                assert (await stage.ask(request)).startswith(b"HTTP/1.1 503 ")
            stage.tap.port = None
            assert (await stage.ask(request)).startswith(b"HTTP/1.1 503 ")

    asyncio.run(go())
