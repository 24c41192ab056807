"""What holds for every function: refusals, health, being stopped."""

import socket

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.gate import HANG
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import HOSTS, LANGUAGES
from tests.behaviour.visits import Visitor, is_error
from tests.behaviour.wire import raw_request

each_host = pytest.mark.parametrize("host", HOSTS)
each_pattern = pytest.mark.parametrize("pattern", PATTERNS)


@pytest.fixture
def visitor(start, kv, pattern, host):
    return Visitor(start(pattern, host), pattern, kv)


@each_host
@pytest.mark.parametrize(
    ("pattern", "method", "status", "message", "headers"),
    [
        ("session", "PUT", 405, "method not allowed", {"allow": "GET, POST, DELETE"}),
        ("cache", "POST", 405, "method not allowed", {"allow": "GET, HEAD"}),
    ],
)
def test_refusal_is_json_that_no_cache_keeps(visitor, method, status, message, headers):
    assert is_error(visitor.send(method), status, message, **headers)


@each_host
@each_pattern
@pytest.mark.parametrize("path", ["/health", "/health/", "/health/live/x", "/health?x=1"])
def test_health_is_200_and_asks_nothing(visitor, kv, origin, path):
    kv.calls.clear()
    with kv.failing(HANG) as gate:
        response = visitor.function.request("GET", path)
        assert visitor.function.request("HEAD", path).status_code == 200
    assert (response.status_code, response.content) == (200, b"OK")
    # The Knative host answers two of its own.
    assert response.headers["content-type"].partition(";")[0] == "text/plain"
    assert kv.calls == origin.asked == []
    assert gate.hits == 0


@each_host
@each_pattern
@pytest.mark.parametrize("path", ["/healthz", "/a/health", "//health", "/health%2Fx", "/Health"])
def test_path_that_only_looks_like_health_is_a_request(visitor, path):
    status, headers, _ = raw_request(visitor.function.port, "GET", path)
    if visitor.function.host.cleans_paths and path == "//health":
        assert headers["location"] == "/health"
    elif visitor.pattern == "session":
        assert status == 400
    else:
        assert {"cache": "x-cache", "flag": "x-flag"}[visitor.pattern] in headers


@each_host
@each_pattern
def test_sigterm_lets_requests_in_flight_finish_and_then_exits_0(fresh, kv, origin, host, pattern):
    origin.reset()
    kv.put("flag/new-ui", "true")
    with fresh(pattern, host) as function:
        visitors = [Visitor(function, pattern, kv) for _ in range(3)]
        in_flight = [_sent(function, visitor) for visitor in visitors]
        origin.hold()
        with kv.failing(None if pattern == "cache" else HANG) as gate:
            for raw, visitor in zip(in_flight, visitors, strict=True):
                raw.sendall(visitor.raw())
            under_way = (lambda: len(origin.asked)) if pattern == "cache" else (lambda: gate.hits)
            wait_until(lambda: under_way() == 3, "the requests did not arrive")
            function.process.terminate()
            wait_until(lambda: _refuses(function), "the function went on accepting")
            assert function.process.poll() is None
            gate.fail(None)
            origin.release()
            for raw in in_flight:
                assert raw.recv(65_536).startswith(b"HTTP/1.1 200 ")
        assert function.process.wait(20) == 0
        for raw in in_flight:
            raw.close()
        assert "Unclosed" not in function.log()
        assert "Traceback" not in function.log()


def _sent(function, visitor):
    return socket.create_connection(("127.0.0.1", function.port), timeout=20)


def _refuses(function):
    try:
        socket.create_connection(("127.0.0.1", function.port), timeout=20).close()
    except ConnectionError:
        return True
    return False


def test_every_host_is_of_a_language():
    assert {host.language for host in HOSTS.values()} == set(LANGUAGES)
