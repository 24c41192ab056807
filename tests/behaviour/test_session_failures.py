"""A session function when things go wrong: the named answer, in bounded time, and life goes on."""

import re
import signal
import socket
import time
import uuid

import httpx
import pytest

from tests.behaviour.conftest import LANGUAGES, scaffolded
from tests.behaviour.gate import Gate, answer
from tests.behaviour.hosting import API_KEY, hosted, wait_until

pytestmark = pytest.mark.parametrize("language", LANGUAGES)

_HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
_ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 10_000_000


@pytest.fixture
def function(start, language):
    return start("session", language)


@pytest.fixture
def visit(function):
    headers = {"X-Session-ID": f"test-{uuid.uuid4().hex}"}

    def send(method="GET"):
        return function.request(method, headers=headers)

    return send


def _is_unavailable(response):
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {"error": "key-value store unavailable"}
    return True


@pytest.mark.parametrize(
    ("fault", "requests", "reason"),
    [
        (answer(500), 2, "500"),
        (answer(503), 2, "503"),
        (b"", 2, "connection failed"),
        (b"garbage\r\n\r\n", 2, "connection failed"),
        (_HALF, 2, "connection failed"),
        (answer(401), 1, "401, check the configuration"),
        (answer(409), 1, "409, check the configuration"),
        (answer(400), 1, "400"),
        (answer(413), 1, "413"),
        (answer(429), 1, "429"),
        (answer(302, b"", "Location: /elsewhere"), 1, "302"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_failing_read_is_503_with_one_log_line(function, visit, kv, fault, requests, reason):
    visit()
    mark = len(function.log())
    with kv.failing(fault) as gate:
        assert _is_unavailable(visit())
        if fault == b"" and function.language == "go":
            # Its transport by itself asks anew where a connection that it had kept is closed.
            assert gate.hits >= requests
        else:
            assert gate.hits == requests
    assert function.logged_since(mark).count("\n") == 1
    assert f"kv GET session: {reason}" in function.logged_since(mark)
    assert visit().status_code == 200


def test_endless_value_is_503(visit, kv):
    with kv.failing(_ENDLESS):
        assert _is_unavailable(visit())
    assert visit().status_code == 200


@pytest.mark.parametrize("fault", [answer(500), b""], ids=["status", "network"])
def test_one_failure_is_retried(function, visit, kv, fault):
    visit()
    mark = len(function.log())
    with kv.failing(fault, times=1):
        assert visit().json()["views"] == 1
    assert function.logged_since(mark) == ""


def test_missing_namespace_is_found_at_the_write(function, visit, kv):
    mark = len(function.log())
    with kv.failing(answer(404)):
        assert _is_unavailable(visit())
    assert "kv PUT session: 404, check the configuration" in function.logged_since(mark)


def test_failing_delete_is_503(function, visit, kv):
    mark = len(function.log())
    with kv.failing(answer(500)):
        assert _is_unavailable(visit("DELETE"))
    assert "kv DELETE session: 500" in function.logged_since(mark)


def test_kv_that_never_answers_is_503_after_five_seconds(function, visit, kv):
    mark = len(function.log())
    began = time.monotonic()
    with kv.failing(Gate.HANG) as gate:
        assert _is_unavailable(visit())
        assert gate.hits == 1
    # No measure of speed: the deadline is behaviour, with room for a slow machine.
    assert 4.5 < time.monotonic() - began < 10
    assert "kv GET session: timed out" in function.logged_since(mark)


def test_health_answers_while_the_kv_is_down(function, kv):
    with kv.failing(b"") as gate:
        assert function.request("GET", "/health").status_code == 200
        assert gate.hits == 0


def test_log_never_holds_an_id_a_value_or_the_key(function, kv):
    session_id = f"secret-{uuid.uuid4().hex}"
    for fault in (answer(401, b'{"secret-value": 1}'), answer(500), b"", _HALF):
        with kv.failing(fault):
            function.request("GET", headers={"X-Session-ID": session_id})
    assert session_id not in function.log()
    assert "secret-value" not in function.log()
    assert API_KEY not in function.log()
    assert kv.namespace_id not in function.log()


@pytest.fixture
def fresh(language, kv, tmp_path):
    """Start a function of one's own, to kill it or to starve it of its configuration."""

    def started(**environment):
        folder = scaffolded(tmp_path / "function", "session", language)
        (tmp_path / "work").mkdir()
        return hosted(folder, tmp_path / "work", kv.environment | environment)

    return started


@pytest.mark.parametrize("missing", ["KV_NAMESPACE_ID", "TELNYX_API_KEY"])
def test_missing_variable_is_named_in_the_log_and_answered_with_500(fresh, missing):
    with fresh(**{missing: ""}) as function:
        response = function.request("GET", headers={"X-Session-ID": "x" * 20})
        assert response.status_code == 500
        assert response.json() == {"error": "internal error"}
        assert f"{missing} is not set" in function.log()
        assert function.request("GET", "/health").status_code == 200


def test_namespace_may_come_from_the_binding(fresh, kv):
    with fresh(KV_NAMESPACE_ID="", KV_SESSIONS_ID=kv.namespace_id) as function:
        assert function.request("GET", headers={"X-Session-ID": "x" * 20}).status_code == 200


@pytest.mark.parametrize("suffix", ["/", "/v2", "/v2/"])
def test_base_url_may_end_in_the_version(fresh, kv, suffix):
    base = kv.environment["TELNYX_BASE_URL"] + suffix
    with fresh(TELNYX_BASE_URL=base) as function:
        assert function.request("GET", headers={"X-Session-ID": "x" * 20}).status_code == 200


def test_sigterm_lets_a_request_in_flight_finish(fresh, kv):
    with fresh() as function:
        with kv.failing(Gate.HANG, times=1) as gate, socket.socket() as raw:
            raw.connect(("127.0.0.1", function.port))
            raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Session-ID: " + b"y" * 20 + b"\r\n\r\n")
            wait_until(lambda: gate.hits == 1, "the request did not reach the KV")
            function.process.send_signal(signal.SIGTERM)
            wait_until(lambda: _refuses(function), "the function went on accepting")
            kv.gate.fail(None)
            raw.settimeout(10)
            assert re.match(rb"HTTP/1\.1 200 ", raw.recv(4096))
        assert function.process.wait(10) == 0


def _refuses(function):
    try:
        httpx.get(f"http://127.0.0.1:{function.port}/health", timeout=1)
    except httpx.TransportError:
        return True
    return False


def test_body_beyond_a_mebibyte_is_answered_and_the_connection_closed(function):
    size = 2**21
    with socket.create_connection(("127.0.0.1", function.port), timeout=10) as raw:
        raw.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Session-ID: " + b"z" * 20 + b"\r\n"
            b"Content-Length: " + str(size).encode() + b"\r\n\r\n"
        )
        raw.sendall(b"x" * (2**20 + 1))
        answer_read = b""
        while chunk := _received(raw):
            answer_read += chunk
    assert answer_read.startswith(b"HTTP/1.1 200 ")


def _received(raw):
    try:
        return raw.recv(4096)
    except ConnectionResetError:
        return b""


def test_client_that_goes_away_does_no_harm(function, visit):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", function.port), timeout=10) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Session-ID: " + b"q" * 20 + b"\r\n\r\n")
    assert visit().status_code == 200
