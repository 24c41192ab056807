"""Headers about a connection or a length, which belong to an answer and not to an entry."""

import json
import socket
import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES
from tests.behaviour.origin import reply

_each_host = pytest.mark.parametrize("host", [language.name for language in LANGUAGES])


@_each_host
def test_header_about_one_connection_is_neither_kept_nor_passed_on(start, kv, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    about = ("Keep-Alive: timeout=99", "TE: trailers", "Proxy-Status: x", "X-Hop: 1")
    origin.reply = reply(b"x", *about, "Connection: X-Hop", "X-Own: 1")
    response = function.request("GET", path)
    assert response.headers["x-own"] == "1"
    assert not {"te", "proxy-status", "x-hop"} & response.headers.keys()
    assert response.headers.get("keep-alive") != "timeout=99"
    entry = json.loads(json.loads(kv.get(f"cache/api{path}"))["value"])
    assert entry["headers"] == [["x-own", "1"]]


@_each_host
@pytest.mark.parametrize("status", [204, 304])
def test_answer_that_cannot_have_a_body_has_no_length(start, origin, host, status):
    origin.reset()
    function = start("cache", host)
    origin.reply = f"HTTP/1.1 {status} X\r\nX-Own: 1\r\n\r\n".encode()
    response = function.request("GET", f"/test/{uuid.uuid4().hex}")
    assert (response.status_code, response.headers["x-own"]) == (status, "1")
    assert "content-length" not in response.headers


@_each_host
def test_length_of_a_long_answer_is_told_also_to_head(start, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    origin.reply = reply(b"x" * 100_000)
    for method in ("GET", "HEAD", "GET"):
        response = function.request(method, path)
        assert response.headers["content-length"] == "100000"
        assert "transfer-encoding" not in response.headers


@_each_host
def test_headers_are_kept_in_one_order_and_those_of_a_name_apart(start, kv, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    names = [f"x-{letter}" for letter in "kcjalhbfidge"]
    lines = [f"{name}: {value}" for value in ("2", "1") for name in names]
    origin.reply = reply(b"x", *lines)
    for _ in ("MISS", "HIT"):
        sent = function.request("GET", path).headers.raw
        assert [value for name, value in sent if name.lower() == b"x-a"] == [b"2", b"1"]
    entry = json.loads(json.loads(kv.get(f"cache/api{path}"))["value"])
    assert entry["headers"] == [[name, value] for name in sorted(names) for value in ("2", "1")]


@_each_host
def test_old_word_for_no_cache_is_heard(start, kv, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    origin.reply = reply(b"x", "Pragma: no-cache")
    assert function.request("GET", path).headers["x-cache"] == "MISS"
    assert kv.get(f"cache/api{path}") is None
    origin.reply = reply(b"x", "Pragma: no-cache", "Cache-Control: max-age=60")
    assert function.request("GET", path).headers["x-cache"] == "MISS"
    assert kv.get(f"cache/api{path}") is not None


@_each_host
def test_more_headers_than_fit_anywhere_are_no_answer(start, kv, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    for count, status in ((60, 200), (70, 502)):
        origin.reply = reply(b"x", *(f"X-{n}: {'v' * 1000}" for n in range(count)))
        with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
            # Read here: a client library has limits of its own.
            raw.sendall(f"GET {path}{count} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert raw.recv(12) == f"HTTP/1.1 {status}".encode()
        assert (kv.get(f"cache/api{path}{count}") is not None) == (status == 200)
