"""Answers of an origin that libraries read in ways of their own: one meaning in every language.

The hosts are those that differ in how a function takes an answer.
"""

import concurrent.futures
import socket
import uuid

import pytest

from tests.behaviour.gate import Cut, Stall
from tests.behaviour.hosts import CLIENTS
from tests.behaviour.origin import reply
from tests.behaviour.visits import is_error
from tests.behaviour.wire import read_to_end

pytestmark = pytest.mark.parametrize("host", CLIENTS)

_UNREACHABLE = "origin unreachable"
_LARGEST_HEADERS = 2**16


@pytest.fixture
def function(start, host):
    return start("cache", host)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


@pytest.fixture
def get(function, path):
    return lambda **headers: function.request("GET", path, headers=headers)


def _verdicts(get):
    return [get().headers["x-cache"] for _ in range(2)]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "x"}], ids=["shared", "own"])
@pytest.mark.parametrize("upgrade", ["", "Connection: upgrade\r\nUpgrade: x\r\n"])
def test_connection_that_switches_protocols_and_stays_open_is_502(get, origin, headers, upgrade):
    origin.reply = Stall(f"HTTP/1.1 101 X\r\n{upgrade}\r\n".encode())
    assert is_error(get(**headers), 502, _UNREACHABLE)
    origin.reset()
    assert get(**headers).content == b"hello"


def _one_header(size):
    return [f"X-Big: {'x' * (size - len('X-Big'))}"]


def _many_headers(size):
    """Return as many headers as there can be, in names and values of that many bytes."""
    count, rest = divmod(size, 8)
    lines = [f"X-{number:05}: y" for number in range(count - 1)]
    return [*lines, f"X-{count:05}: {'y' * (rest + 1)}"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "x"}], ids=["shared", "own"])
@pytest.mark.parametrize("lines", [_one_header, lambda size: _many_headers(size)[:]])
def test_headers_of_64_kib_pass_and_a_byte_more_is_502(get, origin, lines, headers):
    origin.reply = reply(b"hello", *lines(_LARGEST_HEADERS + 1))
    assert is_error(get(**headers), 502, _UNREACHABLE)
    origin.reply = reply(b"hello", *lines(_LARGEST_HEADERS))
    assert get(**headers).content == b"hello"


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-Big: {'x' * 9000}"],
        [f"X-{number}: {'x' * 1000}" for number in range(30)],
        [f"X-{number}: y" for number in range(200)],
        [f"X-{number}: y" for number in range(2500)],
    ],
    ids=["9 KB", "30 KB", "200", "2500"],
)
def test_large_headers_come_back_whole_from_the_cache(get, origin, lines):
    origin.reply = reply(b"hello", *lines)
    for verdict in ("MISS", "HIT"):
        response = get()
        assert response.headers["x-cache"] == verdict
        for line in lines:
            name, _, value = line.partition(": ")
            assert response.headers[name] == value


def test_megabytes_of_headers_are_502(get, origin):
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(
        b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(3000)
    )
    origin.reply = Cut(head + b"\r\n")
    assert is_error(get(), 502, _UNREACHABLE)


@pytest.mark.parametrize(
    ("lines", "control", "verdicts"),
    [
        (["Pragma: no-cache"], "no-cache", ["MISS", "MISS"]),
        (["Pragma: no-cache", "Cache-Control: no-cache"], "no-cache", ["MISS", "MISS"]),
        (["Pragma: no-cache", "Cache-Control: max-age=60"], "max-age=60", ["MISS", "HIT"]),
        (["Pragma: no-cache", "Cache-Control:"], "", ["MISS", "HIT"]),
        (["Pragma: x", "Pragma: no-cache"], None, ["MISS", "HIT"]),
        (["Pragma: NO-CACHE"], None, ["MISS", "HIT"]),
    ],
    ids=str,
)
def test_pragma_counts_as_cache_control_where_there_is_none(get, origin, lines, control, verdicts):
    origin.reply = reply(b"hello", *lines)
    assert _verdicts(get) == verdicts
    response = get()
    assert response.headers.get("cache-control") == control
    assert response.headers["pragma"] == lines[0].partition(": ")[2] or len(lines) == 2


def test_repeated_headers_stay_lines_of_their_own(get, origin):
    lines = ["Link: <a>", "Set-Cookie: a=1", "Link: <b>, <c>", "Set-Cookie: b=2", "X-One: a, b"]
    for sent in (lines, [line for line in lines if "Cookie" not in line]):
        origin.reply = reply(b"hello", *sent)
        for _ in range(2):
            headers = get().headers
            assert headers.get_list("link") == ["<a>", "<b>, <c>"]
            assert headers.get_list("x-one") == ["a, b"]
            assert headers.get_list("set-cookie") in ([], ["a=1", "b=2"])
    assert headers["x-cache"] == "HIT"


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1f", "\x7f"])
def test_control_character_in_a_header_is_502(get, origin, character):
    origin.reply = reply(b"hello", f"X-Odd: a{character}b")
    assert is_error(get(), 502, _UNREACHABLE)


def test_205_keeps_the_body_that_it_should_not_have(function, origin, path):
    origin.reply = reply(b"hello", status=205)
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answered = read_to_end(raw)
    assert answered.startswith(b"HTTP/1.1 205 ")
    assert answered.endswith(b"\r\n\r\nhello")


_TOO_LARGE = {
    "whole": b"x" * 2**20,
    "binary": b"\xff" * (800 * 2**10),
    "quoted": b'"' * (600 * 2**10),
}


@pytest.mark.parametrize("body", _TOO_LARGE.values(), ids=_TOO_LARGE.keys())
def test_what_does_not_fit_in_its_envelope_is_neither_stored_nor_shared_nor_mentioned(
    function, get, kv, origin, path, body
):
    origin.reply = reply(body)
    mark = len(function.log())
    kv.calls.clear()
    assert _verdicts(get) == ["MISS", "MISS"]
    assert kv.calls == ["GET", "GET"]
    origin.asked.clear()
    origin.hold()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(function.fresh_request, "GET", path) for _ in range(4)]
        function.wait_for_connections(4)
        origin.release()
        assert {future.result().content == body for future in asking} == {True}
    assert len(origin.asked) == 4
    assert kv.get(f"cache/api{path}") is None
    assert function.logged_since(mark) == ""
