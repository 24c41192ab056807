"""What an origin may send a cache function: odd, broken or too much, with one meaning everywhere.

The hosts are those that differ in how a function makes its calls.
"""

import concurrent.futures
import socket
import uuid

import pytest

from tests.behaviour.gate import GARBAGE, HALF, Cut, Stall
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import CLIENTS
from tests.behaviour.origin import reply
from tests.behaviour.visits import is_error
from tests.behaviour.wire import exchange

pytestmark = pytest.mark.parametrize("host", CLIENTS)

_UNREACHABLE = "origin unreachable"
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_ODD_CODING = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"
_TWO_FRAMINGS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"


@pytest.fixture
def function(start, host):
    return start("cache", host)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


@pytest.fixture
def get(function, path):
    return lambda **headers: function.request("GET", path, headers=headers)


@pytest.mark.parametrize(
    "framed",
    [
        _CHUNKED + b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        Cut(b"HTTP/1.0 200 OK\r\n\r\nhello"),
    ],
    ids=["chunks", "trailer", "early hints", "end of the connection"],
)
def test_body_is_whole_however_it_was_framed(get, origin, framed):
    origin.reply = framed
    for verdict in ("MISS", "HIT"):
        response = get()
        assert (response.content, response.headers["x-cache"]) == (b"hello", verdict)
        assert response.headers["content-length"] == "5"
        assert "trailer" not in response.headers


@pytest.mark.parametrize("headers", [{}, {"Authorization": "x"}], ids=["shared", "own"])
@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"", _UNREACHABLE),
        (GARBAGE, _UNREACHABLE),
        (HALF, _UNREACHABLE),
        (_CHUNKED + b"zz\r\n", _UNREACHABLE),
        (_CHUNKED + b"5\r\nhel", _UNREACHABLE),
        (_ODD_CODING, _UNREACHABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello", _UNREACHABLE),
        (b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", _UNREACHABLE),
        (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", _UNREACHABLE),
        (reply(b"hello", "X-Odd: a\x01b"), _UNREACHABLE),
        (reply(b"x" * (10 * 2**20 + 1)), "origin response too large"),
        (
            _CHUNKED + b"b00000\r\n" + b"x" * 0xB00000 + b"\r\n0\r\n\r\n",
            "origin response too large",
        ),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_origin_that_gives_no_response_is_502_and_not_stored(
    function, get, kv, origin, path, broken, message, headers
):
    origin.reply, origin.close = broken, True
    mark = len(function.log())
    assert is_error(get(**headers), 502, message)
    assert kv.get(f"cache/api{path}") is None
    assert function.logged_since(mark) == ""
    origin.reset()
    assert get().content == b"hello"


def test_connection_that_switches_protocols_and_stays_open_is_502(get, origin):
    origin.reply = Stall(b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
    assert is_error(get(), 502, _UNREACHABLE)
    origin.reset()
    assert get().content == b"hello"


def test_of_two_framings_the_chunks_count_or_it_is_502(function, get, kv, origin, path):
    origin.reply = Cut(_TWO_FRAMINGS + b"4\r\ngood\r\n0\r\n\r\n")
    response = get()
    assert response.status_code == 502 or response.content == b"good"
    # Go's client tells nobody that there were two.
    assert kv.get(f"cache/api{path}") is None or function.language == "go"


def test_length_that_is_too_short_cuts_and_does_not_leak_into_the_next_response(
    function, get, origin, path
):
    injected = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    origin.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" + injected
    response = get()
    assert response.status_code == 502 or response.content == b"hello"
    origin.reset()
    origin.reply = reply(b"good")
    for number in range(5):
        response = function.request("GET", f"{path}/{number}")
        assert (response.status_code, response.content) == (200, b"good")


@pytest.mark.parametrize(
    ("status", "rest"),
    [
        (204, "\r\n"),
        (204, "Content-Length: 5\r\n\r\nhello"),
        (304, "\r\n"),
        (304, "Content-Length: 5\r\n\r\n"),
        (304, "Content-Length: 5\r\n\r\nhello"),
    ],
)
def test_response_that_cannot_have_a_body_is_passed_on_without_one(
    function, origin, path, status, rest
):
    origin.reply = Cut(f"HTTP/1.1 {status} X\r\nX-Own: 1\r\nContent-Type: x/y\r\n{rest}".encode())
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = exchange(function.port, request.encode())
    if "hello" in rest and received.startswith(b"HTTP/1.1 502 "):
        return  # which is malformed, and no response at all for some clients
    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert received.endswith(b"\r\n\r\n")
    lines = received.lower().split(b"\r\n")
    assert b"x-own: 1" in lines
    assert status == 204 or b"content-type: x/y" in lines
    assert not any(line.startswith(b"transfer-encoding") for line in lines)
    origin.reset()
    assert function.request("GET", path).text == "hello"


def test_origin_that_is_not_there_is_502(fresh, host, path):
    with fresh("cache", host, ORIGIN_URL="http://127.0.0.1:9") as function:
        for _ in range(2):
            assert is_error(function.request("GET", path), 502, _UNREACHABLE)


def test_origin_may_have_a_path(fresh, host, origin, path):
    with fresh("cache", host, ORIGIN_URL=f"{origin.url}/v1/api/") as function:
        assert function.request("GET", f"{path}?x=1").status_code == 200
    assert [asked.target for asked in origin.asked] == [f"/v1/api{path}?x=1"]


def test_origin_that_closes_kept_connections_is_asked_again(function, origin, path):
    for number in range(5):
        origin.reply, origin.close = reply(b"x"), True
        assert function.request("GET", f"{path}/{number}").status_code == 200


def test_kept_connection_that_is_closed_at_its_next_use_is_replaced(function, origin, path):
    answers = [reply(b"first"), Cut(b""), reply(b"again")]
    origin.reply = lambda _: answers.pop(0)
    assert function.request("GET", f"{path}/1").text == "first"
    response = function.request("GET", f"{path}/2")
    assert (response.status_code, response.text) == (200, "again")


def test_redirect_is_passed_on_and_neither_followed_nor_stored(get, kv, origin, path):
    for status in (301, 302, 303, 307, 308):
        origin.reply = reply(b"moved", f"Location: {origin.url}/elsewhere", status=status)
        response = get()
        assert (response.status_code, response.content) == (status, b"moved")
        assert response.headers["location"] == f"{origin.url}/elsewhere"
    assert {asked.target for asked in origin.asked} == {path}
    assert kv.get(f"cache/api{path}") is None


@pytest.mark.parametrize("headers", [{}, {"Authorization": "x"}], ids=["shared", "own"])
def test_headers_up_to_64_kib_are_passed_on_and_more_are_502(function, origin, path, headers):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for count, status in ((60, 200), (70, 502), (3000, 502)):
        origin.reply = reply(b"x", *(f"X-{n}: {'v' * 1000}" for n in range(count)))
        with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
            # Read here: a client library has limits of its own.
            raw.sendall(f"GET {path}{count} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
            assert raw.recv(12) == f"HTTP/1.1 {status}".encode()


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-Big: {'x' * 9000}"],
        [f"X-{number}: {'x' * 1000}" for number in range(30)],
        [f"X-{number}: y" for number in range(200)],
    ],
    ids=["9 KB", "30 KB", "200"],
)
def test_large_headers_come_back_whole_from_the_cache(get, origin, lines):
    origin.reply = reply(b"hello", *lines)
    for verdict in ("MISS", "HIT"):
        response = get()
        assert response.headers["x-cache"] == verdict
        for line in lines:
            name, _, value = line.partition(": ")
            assert response.headers[name] == value


def test_repeated_fields_keep_their_order_and_cookies_stay_apart(get, origin):
    lines = ["Link: <a>", "Set-Cookie: a=1", "Link: <b>, <c>", "Set-Cookie: b=2", "X-One: a, b"]
    for sent in (lines, [line for line in lines if "Cookie" not in line]):
        origin.reply = reply(b"hello", *sent)
        for _ in range(2):
            headers = get().headers
            assert headers["link"] == "<a>, <b>, <c>"
            assert headers["x-one"] == "a, b"
            assert headers.get_list("set-cookie") in ([], ["a=1", "b=2"])
    assert headers["x-cache"] == "HIT"


def test_fields_of_the_connection_and_of_the_moment_are_not_passed_on(get, origin):
    about = ["Keep-Alive: timeout=99", "TE: trailers", "Proxy-Status: x", "X-Hop: 1", "Upgrade: x"]
    origin.reply = reply(b"x", *about, "Connection: X-Hop", "X-Own: 1", "Server: its-own")
    for verdict in ("MISS", "HIT"):
        headers = get().headers
        assert (headers["x-cache"], headers["x-own"]) == (verdict, "1")
        assert not {"te", "proxy-status", "x-hop", "upgrade"} & headers.keys()
        assert headers.get("keep-alive") != "timeout=99"
        assert headers.get("server") != "its-own"


def test_length_of_a_long_response_is_told_also_to_head(function, origin, path):
    origin.reply = reply(b"x" * 100_000)
    for method in ("GET", "HEAD", "GET"):
        response = function.request(method, path)
        assert response.headers["content-length"] == "100000"
        assert "transfer-encoding" not in response.headers


def test_client_that_goes_away_does_not_fail_the_rest(function, get, kv, origin, path):
    origin.hold()
    function.hang_up()
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: len(origin.asked) == 1, "the origin was not asked")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(function.fresh_request, "GET", path)
            function.wait_for_connections(2)
            raw.close()
            for _ in range(50):  # by then the function has seen that the connection is closed
                assert function.fresh_request("GET", "/health").status_code == 200
            origin.release()
            assert waiting.result().text == "hello"
    wait_until(lambda: kv.get(f"cache/api{path}") is not None, "nothing was stored")
    assert get().headers["x-cache"] == "HIT"
    assert len(origin.asked) == 1
