"""A cache function when the store, the origin or a client fails it."""

import json
import socket
import uuid

import pytest

from tests.behaviour.conftest import LANGUAGES, scaffolded
from tests.behaviour.gate import Gate, answer
from tests.behaviour.hosting import hosted, wait_until
from tests.behaviour.origin import reply

pytestmark = pytest.mark.parametrize("language", LANGUAGES)

_ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 10_000_000
_HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
_UNREACHABLE = "origin unreachable"


@pytest.fixture
def function(start, language, origin):
    origin.reset()
    return start("cache", language)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


@pytest.fixture
def get(function, path):
    return lambda: function.request("GET", path)


def _is_error(response, status, message):
    assert response.status_code == status
    assert response.json() == {"error": message}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert "x-cache" not in response.headers
    return True


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (answer(401), "401, check the configuration"),
        (answer(409), "409, check the configuration"),
        (answer(400), "400"),
        (answer(429), "429"),
        (answer(500), "500"),
        (b"", "connection failed"),
        (b"garbage\r\n\r\n", "connection failed"),
        (_HALF, "connection failed"),
        (_ENDLESS, "answer too large"),
        (Gate.HANG, "timed out"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_store_that_cannot_be_read_is_bypassed(function, get, kv, origin, fault, reason):
    get()
    mark = len(function.log())
    with kv.failing(fault):
        response = get()
    assert (response.status_code, response.content) == (200, b"hello")
    assert response.headers["x-cache"] == "BYPASS"
    assert f"kv GET cache: {reason}" in function.logged_since(mark)
    assert function.logged_since(mark).count("\n") == 1
    assert get().headers["x-cache"] == "HIT"


def test_store_that_cannot_be_written_is_a_miss_each_time(function, get, kv):
    mark = len(function.log())
    with kv.failing(answer(404)):
        for _ in range(2):
            response = get()
            assert (response.content, response.headers["x-cache"]) == (b"hello", "MISS")
    line = "kv PUT cache: 404, check the configuration"
    assert function.logged_since(mark).count(line) == 2


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"", _UNREACHABLE),
        (b"garbage\r\n\r\n", _UNREACHABLE),
        (_HALF, _UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", _UNREACHABLE),
        (b"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n", _UNREACHABLE),
        (b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", _UNREACHABLE),
        (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", _UNREACHABLE),
        (reply(b"x" * (10 * 2**20 + 1)), "origin answer too large"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_origin_that_gives_no_answer_is_502_and_not_stored(
    function, get, kv, origin, path, broken, message
):
    origin.reply, origin.close = broken, True
    assert _is_error(get(), 502, message)
    assert kv.get(f"cache/api{path}") is None
    origin.reset()
    assert get().content == b"hello"


def test_origin_that_is_slow_is_504_and_then_asked_again(get, kv, origin, path):
    origin.hold()
    assert _is_error(get(), 504, "origin timed out")
    assert kv.get(f"cache/api{path}") is None
    origin.release()
    assert get().headers["x-cache"] == "MISS"


def test_origin_that_closes_kept_connections_is_asked_again(get, function, origin, path):
    for number in range(5):
        origin.reply, origin.close = reply(b"x"), True
        assert function.request("GET", f"{path}/{number}").status_code == 200


def test_client_that_goes_away_does_not_fail_the_rest(function, get, kv, origin, path):
    origin.hold()
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: len(origin.asked) == 1, "the origin was not asked")
    origin.release()
    wait_until(lambda: kv.get(f"cache/api{path}") is not None, "nothing was stored")
    assert get().headers["x-cache"] == "HIT"
    assert len(origin.asked) == 1


@pytest.fixture
def fresh(language, kv, tmp_path):
    """Start a function of one's own, with an origin of one's choice."""

    def started(**environment):
        folder = scaffolded(tmp_path / "function", "cache", language)
        (tmp_path / "work").mkdir()
        return hosted(folder, tmp_path / "work", kv.environment | environment)

    return started


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("", "ORIGIN_URL is not set"),
        ("ftp://127.0.0.1", "ORIGIN_URL is not an http or https URL"),
        ("https://", "ORIGIN_URL is not an http or https URL"),
    ],
)
def test_origin_that_is_not_configured_is_500_and_named_in_the_log(fresh, url, line):
    with fresh(ORIGIN_URL=url) as function:
        response = function.request("GET", f"/{uuid.uuid4().hex}")
        assert response.status_code == 500
        assert json.loads(response.content) == {"error": "internal error"}
        assert line in function.log()
        assert function.request("GET", "/health").status_code == 200


def test_origin_that_is_not_there_is_502(fresh):
    with fresh(ORIGIN_URL="http://127.0.0.1:9") as function:
        assert _is_error(function.request("GET", f"/{uuid.uuid4().hex}"), 502, _UNREACHABLE)


def test_origin_may_have_a_path(fresh, origin):
    origin.reset()
    path = f"/{uuid.uuid4().hex}"
    with fresh(ORIGIN_URL=f"{origin.url}/v1/api/") as function:
        assert function.request("GET", f"{path}?x=1").status_code == 200
    assert [asked.target for asked in origin.asked] == [f"/v1/api{path}?x=1"]
