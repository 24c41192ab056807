"""Bodies to the byte, and the bodies of requests, which are never needed."""

import json
import socket

import pytest

from tests.behaviour.conftest import PATTERNS, each_host
from tests.behaviour.visits import Visitor
from tests.behaviour.wire import read_answer

each_pattern = pytest.mark.parametrize("pattern", PATTERNS)
pytestmark = [each_host, each_pattern]


@pytest.fixture
def visitor(start, kv, pattern, host):
    return Visitor(start(pattern, host), pattern, kv)


def test_json_is_compact_and_ends_where_it_ends(visitor, kv):
    status = {"session": 200, "cache": 405, "flag": 200}[visitor.pattern]
    response = visitor.send("POST")
    assert response.status_code == status
    if visitor.pattern == "session":
        session = json.dumps(response.json(), separators=(",", ":")).encode()
        assert response.content in (
            session,
            b'{"created":%d,"views":0}' % response.json()["created"],
        )
    if visitor.pattern == "cache":
        assert response.content == b'{"error":"method not allowed"}'
    assert response.headers["content-length"] == str(len(response.content))


def test_health_is_plain_text(visitor):
    response = visitor.function.request("GET", "/health")
    assert (response.content, response.headers["content-type"]) == (b"OK", "text/plain")


@pytest.mark.parametrize("framing", ["Content-Length: 3", "Transfer-Encoding: chunked"])
def test_body_that_does_not_come_is_not_waited_for(visitor, framing):
    status = {"session": 405, "cache": 405, "flag": 200}[visitor.pattern]
    with socket.create_connection(("127.0.0.1", visitor.function.port), timeout=20) as raw:
        raw.sendall(visitor.raw("PUT", framing))
        assert read_answer(raw)[0] == status
    assert visitor.is_served()


def test_body_that_comes_in_pieces_leaves_the_connection_to_the_next_request(visitor):
    status = {"session": 405, "cache": 405, "flag": 200}[visitor.pattern]
    with socket.create_connection(("127.0.0.1", visitor.function.port), timeout=20) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(3):
            raw.sendall(visitor.raw("PUT", "Content-Length: 3"))
            for piece in (b"a", b"b", b"c"):
                raw.sendall(piece)
            assert read_answer(raw)[0] == status
        raw.sendall(visitor.raw("PUT", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n\r\n")
        assert read_answer(raw)[0] == status
