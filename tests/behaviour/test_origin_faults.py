"""An origin that fails a cache function, or answers in a way that tempts it to be wrong.

The hosts are those that differ in how a function makes its calls.
"""

import concurrent.futures
import socket
import uuid

import pytest

from tests.behaviour.gate import GARBAGE, HALF, Cut
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import CLIENTS
from tests.behaviour.origin import reply
from tests.behaviour.visits import is_error

pytestmark = pytest.mark.parametrize("host", CLIENTS)

_UNREACHABLE = "origin unreachable"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def function(start, host):
    return start("cache", host)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


@pytest.fixture
def get(function, path):
    return lambda: function.request("GET", path)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"", _UNREACHABLE),
        (GARBAGE, _UNREACHABLE),
        (HALF, _UNREACHABLE),
        (_CHUNKED + b"zz\r\n", _UNREACHABLE),
        (_CHUNKED + b"5\r\nhel", _UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello", _UNREACHABLE),
        (b"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n", _UNREACHABLE),
        (b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", _UNREACHABLE),
        (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", _UNREACHABLE),
        (reply(b"x" * (10 * 2**20 + 1)), "origin answer too large"),
        (_CHUNKED + b"b00000\r\n" + b"x" * 0xB00000 + b"\r\n0\r\n\r\n", "origin answer too large"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_origin_that_gives_no_answer_is_502_and_not_stored(
    function, get, kv, origin, path, broken, message
):
    origin.reply, origin.close = broken, True
    mark = len(function.log())
    assert is_error(get(), 502, message)
    assert kv.get(f"cache/api{path}") is None
    assert function.logged_since(mark) == ""
    origin.reset()
    assert get().content == b"hello"


def test_origin_that_is_not_there_is_502(fresh, host, path):
    with fresh("cache", host, ORIGIN_URL="http://127.0.0.1:9") as function:
        for _ in range(2):
            assert is_error(function.request("GET", path), 502, _UNREACHABLE)


def test_origin_that_fails_a_waiting_crowd_fails_them_alike(function, origin, path):
    origin.hold()
    origin.reply = Cut()
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        asking = [pool.submit(function.fresh_request, "GET", path) for _ in range(10)]
        function.wait_for_connections(10)
        origin.release()
        for future in asking:
            assert is_error(future.result(), 502, _UNREACHABLE)


def test_length_that_is_too_short_cuts_and_does_not_leak_into_the_next_answer(
    function, get, origin, path
):
    injected = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    origin.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" + injected
    assert get().content == b"hello"
    origin.reset()
    origin.reply = reply(b"good")
    for number in range(5):
        response = function.request("GET", f"{path}/{number}")
        assert (response.status_code, response.content) == (200, b"good")


def test_origin_that_closes_kept_connections_is_asked_again(function, origin, path):
    for number in range(5):
        origin.reply, origin.close = reply(b"x"), True
        assert function.request("GET", f"{path}/{number}").status_code == 200


def test_redirect_is_passed_on_and_neither_followed_nor_stored(get, kv, origin, path):
    for status in (301, 302, 303, 307, 308):
        origin.reply = reply(b"moved", f"Location: {origin.url}/elsewhere", status=status)
        response = get()
        assert (response.status_code, response.content) == (status, b"moved")
        assert response.headers["location"] == f"{origin.url}/elsewhere"
    assert {asked.target for asked in origin.asked} == {path}
    assert kv.get(f"cache/api{path}") is None


def test_client_that_goes_away_does_not_fail_the_rest(function, get, kv, origin, path):
    origin.hold()
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: len(origin.asked) == 1, "the origin was not asked")
    origin.release()
    wait_until(lambda: kv.get(f"cache/api{path}") is not None, "nothing was stored")
    assert get().headers["x-cache"] == "HIT"
    assert len(origin.asked) == 1


def test_origin_may_have_a_path(fresh, host, origin, path):
    origin.reset()
    with fresh("cache", host, ORIGIN_URL=f"{origin.url}/v1/api/") as function:
        assert function.request("GET", f"{path}?x=1").status_code == 200
    assert [asked.target for asked in origin.asked] == [f"/v1/api{path}?x=1"]
