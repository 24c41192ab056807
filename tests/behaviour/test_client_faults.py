"""Clients that misbehave, against every function under every host: nothing of it may last."""

import socket

import pytest

from tests.behaviour.conftest import PATTERNS, each_host
from tests.behaviour.gate import HANG
from tests.behaviour.hosting import wait_until
from tests.behaviour.visits import Visitor
from tests.behaviour.wire import parse_response, raw_request, read_answer, read_to_end

pytestmark = [each_host, pytest.mark.parametrize("pattern", PATTERNS)]


@pytest.fixture
def visitor(start, kv, pattern, host):
    visitor = Visitor(start(pattern, host), pattern, kv)
    yield visitor
    # Whatever was done to it: it lives, serves the next, and had no bug on the way.
    assert visitor.is_served()
    assert visitor.function.process.poll() is None
    assert "Traceback" not in visitor.function.log()
    assert "panic" not in visitor.function.log()


def _connected(visitor):
    return socket.create_connection(("127.0.0.1", visitor.function.port), timeout=20)


def test_headers_of_a_hundred_kilobytes_are_answered_or_hung_up_on(visitor):
    with _connected(visitor) as raw:
        lines = [f"X-Filler-{number}: {'x' * 1000}" for number in range(100)]
        try:
            raw.sendall(visitor.raw("GET", *lines, "Connection: close"))
        except OSError:
            return
        answered = read_to_end(raw)
    # Node and Hypercorn take no more than 16 KiB, uvicorn and Go's server do.
    assert not answered or parse_response(answered)[0] in (200, 400, 431)


def test_post_without_a_body_or_a_length_is_answered(visitor):
    with _connected(visitor) as raw:
        raw.sendall(visitor.raw("POST"))
        assert read_answer(raw)[0] == (405 if visitor.pattern == "cache" else 200)
        raw.sendall(visitor.raw("GET"))  # and the connection goes on
        assert read_answer(raw)[0] == 200


def test_header_that_comes_twice(visitor, kv, origin):
    """An id that comes twice is none; what a cache passes on goes as one; the rest is ignored."""
    twice = {
        "session": ["X-Session-ID: " + "a" * 20],
        "cache": ["Authorization: one", "Authorization: two"],
        "flag": ["Accept: x/y", "Accept: x/y"],
    }[visitor.pattern]
    with _connected(visitor) as raw:
        raw.sendall(visitor.raw("GET", *twice))
        status, headers, _ = read_answer(raw)
    assert status == (400 if visitor.pattern == "session" else 200)
    if visitor.pattern == "cache":
        assert headers["x-cache"] == "BYPASS"
        assert origin.asked[0].header("Authorization") == "one, two"


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\nX-Ses", b"POST / HTTP/1.1\r\nHost: x\r\n"],
    ids=["nothing", "method", "header", "head"],
)
def test_client_that_goes_away_before_its_head_is_whole(visitor, beginning):
    for _ in range(5):
        with _connected(visitor) as raw:
            raw.sendall(beginning)


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_client_that_goes_away_within_its_body(visitor, framing):
    for _ in range(5):
        with _connected(visitor) as raw:
            raw.sendall(visitor.raw("POST", framing) + b"5\r\nhel")


def test_client_that_goes_away_while_it_is_waited_for(visitor, kv):
    mark = len(visitor.function.log())
    with kv.failing(HANG) as gate:
        for _ in range(5):
            with _connected(visitor) as raw:
                raw.sendall(visitor.raw())
                wait_until(lambda: gate.hits, "the store was not asked")
    assert visitor.is_served()
    assert visitor.function.logged_since(mark) == ""


def test_garbage_is_answered_or_hung_up_on(visitor):
    with _connected(visitor) as raw:
        raw.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        answered = read_to_end(raw)
    assert not answered or parse_response(answered)[0] == 400


def test_requests_in_a_row_without_waiting_are_all_answered(visitor):
    with _connected(visitor) as raw:
        raw.sendall(visitor.raw() * 3 + visitor.raw("GET", "Connection: close"))
        assert read_to_end(raw).count(b"HTTP/1.1 200 ") == 4


def test_head_is_answered_without_a_body(visitor):
    status, _, body = raw_request(
        visitor.function.port,
        "HEAD",
        visitor.path,
        *(f"{name}: {value}" for name, value in visitor.headers.items()),
    )
    assert (status, body) == (405 if visitor.pattern == "session" else 200, b"")
