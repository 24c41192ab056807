"""What a client can do to the KV's server: send without end, or oddly, or nothing, or leave."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

import httpx
import pytest

from kvgen.kv import bounds, crowd
from kvgen.kv.app import create_app
from kvgen.kv.server import listen, running
from kvgen.kv.store import Store
from tests.behaviour.hosting import wait_until
from tests.kv.attacks import ATTACKS, MIB, Target, endured
from tests.kv.conftest import KEY, served

_HEAD = b"Host: localhost\r\nAuthorization: Bearer k\r\n"
_POST = b"POST /v2/storage/kvs HTTP/1.1\r\nContent-Length: 9\r\n" + _HEAD
ODD = {
    "no length": b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n",
    "two lengths": b"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Length: 3\r\n\r\nabc",
    "no chunk": b"PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "raw bytes": b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a space in a name": b"GET / HTTP/1.1\r\nHost: localhost\r\nA b: c\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a tunnel": b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "a control character": b"GET / HTTP/1.1\r\nHost: localhost\r\nA: \x1b[2J\r\n\r\n",
    "WebSocket": b"GET / HTTP/1.1\r\nHost: localhost\r\n"
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A KV whose stderr is read at the end: nothing that a client does leaves a trace there."""
    data = tmp_path_factory.mktemp("guarded")
    with (data / "stderr").open("w+b") as stderr:
        with served(data / "kv.db", stderr=stderr) as kv:
            yield kv
        stderr.seek(0)
        said = stderr.read().decode().splitlines()
    assert said[-1:] == ["Stopped."]
    assert [line for line in said[:-1] if not line.startswith("Namespace dev")] == []


@pytest.fixture
def target(guarded):
    return Target(int(guarded.url.rsplit(":", 1)[1]), guarded.process.pid, "/openapi.json")


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_costs_neither_memory_nor_the_time_of_others(target, name):
    cost = endured(target, name, 64 * MIB)
    assert cost.is_bearable(), cost


@pytest.mark.parametrize("name", ODD)
def test_odd_request_is_a_400_in_json(target, name):
    head, _, body = target.ask(ODD[name]).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/json" in head
    assert json.loads(body)["errors"][0]["title"] == "Bad Request"


def test_wish_for_another_version_of_http_is_passed_over(target):
    """As `curl --http2` and Java's client send it, and go on in HTTP/1.1."""
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
    first = b"GET /openapi.json HTTP/1.1\r\n" + _HEAD + upgrade + b"\r\n"
    second = b"GET /nothing HTTP/1.1\r\n" + _HEAD + b"Connection: close\r\n\r\n"
    answers = target.ask(first + second)
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 404 " in answers


def test_pipelined_requests_are_answered_in_their_order(guarded, target):
    keys = guarded.namespace()
    line = f"{keys}/%d HTTP/1.1\r\n".encode() + _HEAD
    wanted = []
    for number in range(300):
        value = b"%d\r\n\r\n" % number
        wanted.append(b"PUT " + line % number + b"Content-Length: %d\r\n\r\n" % len(value) + value)
        wanted.append(b"GET " + line % number + b"\r\n")
    wanted.append(b"GET " + line % 0 + b"Connection: close\r\n\r\n")
    answers = target.ask(b"".join(wanted))
    statuses = [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"201", b"200"] * 300 + [b"200"]
    values = [part.partition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 ")[2::2]]
    assert values == [b"%d\r\n\r\n" % number for number in range(300)]


def test_request_in_single_bytes_is_answered(guarded, target):
    keys = guarded.namespace()
    request = f"PUT {keys}/a HTTP/1.1\r\n".encode() + _HEAD + b"Connection: close\r\n"
    request += b"Transfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n0\r\nA: b\r\n\r\n"
    with target.connect() as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request:
            raw.sendall(bytes([byte]))
        assert raw.recv(65_536).startswith(b"HTTP/1.1 201 ")
    assert guarded.http.get(f"{keys}/a").content == b"\r\n"


@pytest.mark.parametrize("value", [b"\r\n" * 500_000, b"x" * 1_048_576])
def test_value_that_looks_like_heads_is_stored_as_it_is(guarded, value):
    keys = guarded.namespace()
    assert guarded.http.put(f"{keys}/a", content=value).status_code == 201
    assert guarded.http.get(f"{keys}/a").content == value


def test_large_bodies_at_once_wait_for_each_other_and_all_arrive(guarded):
    keys = guarded.namespace()

    async def write() -> list[int]:
        headers = {"Authorization": f"Bearer {KEY}"}
        limits = httpx.Limits(max_connections=60)
        async with httpx.AsyncClient(
            base_url=guarded.url, headers=headers, limits=limits, timeout=60
        ) as http:
            puts = [http.put(f"{keys}/{n}", content=bytes([n]) * MIB) for n in range(60)]
            return [response.status_code for response in await asyncio.gather(*puts)]

    assert asyncio.run(write()) == [201] * 60


@pytest.mark.parametrize("is_reset", [False, True])
def test_client_that_leaves_in_a_put_writes_nothing(guarded, target, is_reset):
    keys = guarded.namespace()
    for _ in range(20):
        raw = target.connect()
        raw.sendall(
            f"PUT {keys}/a HTTP/1.1\r\n".encode() + _HEAD + b"Content-Length: 9\r\n\r\nhalf"
        )
        if is_reset:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()
    assert guarded.http.get(f"{keys}/a").status_code == 404


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /" + b"a" * bounds.LONGEST_TARGET + b" HTTP/1.1\r\n" + _HEAD + b"\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (bounds.MOST_FIELDS + 1) + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 3 * bounds.LONGEST_HEAD + b"\r\n\r\n", b"431"),
    ],
)
def test_head_beyond_its_limits_is_refused(target, request_bytes, status):
    assert target.ask(request_bytes)[9:12] == status


@contextlib.asynccontextmanager
async def _serving(tmp_path):
    """The server in this process, for limits that a test sets."""
    store, listener = Store(tmp_path / "kv.db"), listen("127.0.0.1", 0)
    try:
        async with running(create_app(store), listener):
            yield Target(listener.getsockname()[1], os.getpid(), "/openapi.json")
    finally:
        store.close()


@pytest.mark.parametrize(
    ("limit", "sent", "answer"),
    [
        ("HEAD_SECONDS", b"GET / HTTP/1.1\r\n", b"HTTP/1.1 408 "),
        ("BODY_SECONDS", _POST + b"\r\nhalf", b"HTTP/1.1 408 "),
        ("BODY_SECONDS", b"PUT /nothing HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 404 "),
        ("IDLE_SECONDS", b"", b""),
        ("IDLE_SECONDS", b"GET / HTTP/1.1\r\n" + _HEAD + b"\r\n", b"HTTP/1.1 404 "),
    ],
)
def test_connection_whose_time_is_up_is_closed(tmp_path, monkeypatch, limit, sent, answer):
    monkeypatch.setattr(bounds, limit, 0.1)

    async def go() -> bytes:
        async with _serving(tmp_path) as target:
            return await asyncio.to_thread(target.ask, sent)

    began = time.monotonic()
    answers = asyncio.run(go())
    assert answers.startswith(answer)
    assert answers.count(b"HTTP/1.1") <= 1
    assert time.monotonic() - began < 8


def test_head_that_comes_byte_by_byte_does_not_hold_its_connection(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "HEAD_SECONDS", 0.5)

    def drip(target: Target) -> bytes:
        with target.connect() as raw, contextlib.suppress(OSError):
            for byte in b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100:
                raw.sendall(bytes([byte]))
                time.sleep(0.05)
            return b""
        return b"closed"

    async def go() -> bytes:
        async with _serving(tmp_path) as target:
            return await asyncio.to_thread(drip, target)

    assert asyncio.run(go()) == b"closed"


def test_oldest_idle_connection_makes_room_for_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(crowd, "most_connections", lambda: 4)

    def crowd_in(target: Target) -> tuple[list[bool], bytes]:
        held = [target.connect() for _ in range(6)]
        answer = target.ask(b"GET /openapi.json HTTP/1.0\r\n\r\n")
        alive = []
        for raw in held:
            raw.settimeout(0.2)
            try:
                alive.append(bool(raw.recv(1)))
            except TimeoutError:
                alive.append(True)
            except OSError:
                alive.append(False)
            raw.close()
        return alive, answer

    async def go() -> tuple[list[bool], bytes]:
        async with _serving(tmp_path) as target:
            return await asyncio.to_thread(crowd_in, target)

    alive, answer = asyncio.run(go())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert alive == [False, False, False, True, True, True]


def test_connections_are_fewer_than_descriptors():
    code = (
        "import resource; _, hard = resource.getrlimit(resource.RLIMIT_NOFILE);"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard));"
        "from kvgen.kv.bounds import most_connections; print(most_connections())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 3 < 256


def test_server_without_descriptors_says_so_once_a_second(tmp_path):
    """The limit is lowered when the server has already counted on more."""
    starve = (
        "import resource, runpy, sys; from kvgen.kv import crowd; crowd.most_connections = "
        "lambda: 256; resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40));"
        "sys.argv[0] = 'kvgen'; runpy.run_module('kvgen', run_name='__main__')"
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", starve, "kv", "serve", "--port", "0", "--json", "--data"]
    with log.open("wb") as err:
        process = subprocess.Popen(
            [*command, str(tmp_path / "kv.db")], stdout=subprocess.PIPE, stderr=err
        )
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            target = Target(int(url.rsplit(":", 1)[1]), process.pid, "/openapi.json")
            held = [target.connect() for _ in range(100)]
            time.sleep(2.5)
            for raw in held:
                raw.close()
            request = b"GET /openapi.json HTTP/1.0\r\nHost: localhost\r\n\r\n"
            wait_until(
                lambda: target.ask(request).startswith(b"HTTP/1.1 200 "), "it does not recover"
            )
        finally:
            process.terminate()
            process.communicate(timeout=20)
    said = log.read_text().splitlines()
    assert "Traceback" not in log.read_text()
    assert len(said) < 10, said


@pytest.mark.parametrize("redirect", [">&-", "<&- >&-", "2>&- >&-", "| head -0", ">/dev/full"])
def test_server_goes_on_without_its_terminal(tmp_path, redirect):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    serve = f'"$0" -m kvgen kv serve --port {port} --data kv.db {redirect}'
    process = subprocess.Popen(
        ["sh", "-c", serve, sys.executable],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline, status = time.monotonic() + 20, 0
    while not status and time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            status = httpx.get(f"http://127.0.0.1:{port}/openapi.json", trust_env=False).status_code
    os.killpg(process.pid, signal.SIGTERM)
    assert "Traceback" not in process.communicate(timeout=20)[1]
    assert status == 200
