"""Clients that misbehave, against functions under every host: nothing may stay afterwards."""

import socket

import pytest

from tests.behaviour.conftest import PATTERNS, each_server
from tests.behaviour.gate import HANG
from tests.behaviour.hosting import wait_until
from tests.behaviour.visits import Visitor
from tests.behaviour.wire import exchange, parse_response, raw_request, read_answer

pytestmark = each_server
each_pattern = pytest.mark.parametrize("pattern", PATTERNS)


@pytest.fixture
def pattern():
    """Tests that do not ask for every pattern are about the entry, which is one for all."""
    return "session"


@pytest.fixture
def visitor(start, kv, pattern, host):
    visitor = Visitor(start(pattern, host), pattern, kv)
    mark = len(visitor.function.log())
    yield visitor
    # Whatever was done to it: it lives, serves the next, and had no bug on the way.
    assert visitor.is_served()
    assert visitor.function.process.poll() is None
    expected = {
        # A cache reads for all who ask at once, so a read goes on without them, and may fail.
        "kv GET cache: connection failed\n",
        "WARNING:  Invalid HTTP request received.\n",  # by uvicorn
    }
    logged = visitor.function.logged_since(mark).splitlines(keepends=True)
    assert [line for line in logged if not line.endswith(tuple(expected))] == []


def _connected(visitor):
    return socket.create_connection(("127.0.0.1", visitor.function.port), timeout=20)


def test_headers_of_a_hundred_kilobytes_are_answered_or_hung_up_on(visitor):
    lines = [f"X-Filler-{number}: {'x' * 1000}" for number in range(100)]
    try:
        answered = exchange(visitor.function.port, visitor.raw("GET", *lines, "Connection: close"))
    except OSError:
        return
    # Node and Hypercorn take no more than 16 KiB, uvicorn and Go's server do.
    assert not answered or parse_response(answered)[0] in (200, 400, 431)


@each_pattern
def test_post_without_a_body_or_a_length_is_answered(visitor):
    with _connected(visitor) as raw:
        raw.sendall(visitor.raw("POST"))
        assert read_answer(raw)[0] == (405 if visitor.pattern == "cache" else 200)
        raw.sendall(visitor.raw("GET"))  # and the connection goes on
        assert read_answer(raw)[0] == 200


def test_id_that_comes_twice_is_none(visitor, kv):
    with _connected(visitor) as raw:
        raw.sendall(visitor.raw("GET", "X-Session-ID: " + "a" * 20))
        assert read_answer(raw)[0] == 400


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\nX-Ses", b"POST / HTTP/1.1\r\nHost: x\r\n"],
    ids=["nothing", "method", "header", "head"],
)
def test_client_that_goes_away_before_its_head_is_whole(visitor, beginning):
    for _ in range(5):
        with _connected(visitor) as raw:
            raw.sendall(beginning)


@each_pattern
def test_client_that_goes_away_while_it_is_waited_for(visitor, kv):
    with kv.failing(HANG) as gate:
        for _ in range(5):
            with _connected(visitor) as raw:
                raw.sendall(visitor.raw())
                wait_until(lambda: gate.hits, "the store was not asked")
    if visitor.pattern == "cache":  # whose read, for all of them, may not have ended yet
        wait_until(lambda: visitor.send().headers["x-cache"] != "BYPASS", "the read does not end")


def test_garbage_is_answered_or_hung_up_on(visitor):
    with _connected(visitor) as raw:
        raw.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        answered = raw.recv(65_536)
    assert not answered or parse_response(answered)[0] == 400


@each_pattern
def test_requests_in_a_row_without_waiting_are_all_answered(visitor):
    in_a_row = visitor.raw() * 3 + visitor.raw("GET", "Connection: close")
    assert exchange(visitor.function.port, in_a_row).count(b"HTTP/1.1 200 ") == 4


@each_pattern
def test_head_is_answered_without_a_body(visitor):
    own = [f"{name}: {value}" for name, value in visitor.headers.items()]
    status, _, body = raw_request(visitor.function.port, "HEAD", visitor.path, *own)
    assert (status, body) == (405 if visitor.pattern == "session" else 200, b"")
