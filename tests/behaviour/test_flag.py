"""What a flag function does, asked over HTTP: one body for every language and expiry mode."""

import json
import time

import pytest

from tests.behaviour.conftest import each_host, everywhere
from tests.behaviour.gate import answer
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import own_headers

each_language = pytest.mark.parametrize("host", LANGUAGES)


@pytest.fixture
def function(start, kv, host, expiry):
    kv.delete("flag/new-ui")
    return start("flag", host, expiry)


def _way(response):
    return response.headers["x-flag"]


def _envelope(value, lifetime):
    return json.dumps({"value": value, "expires_at": int(time.time() * 1000) + lifetime})


@everywhere
def test_flag_decides_between_the_two_uis(function, kv):
    ways = (("true", "on", b"New UI"), ("false", "off", b"Old UI"), (" true\n", "on", b"New UI"))
    for value, way, page in ways:
        kv.put("flag/new-ui", value)
        kv.calls.clear()
        response = function.request("GET")
        assert response.status_code == 200
        assert _way(response) == f"new-ui={way}"
        assert page in response.content
        assert kv.calls == ["GET"]


@each_host
def test_responses_are_alike_in_every_language(function, kv):
    kv.put("flag/new-ui", "true")
    response = function.request("GET")
    assert own_headers(response) == {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "x-flag": "new-ui=on",
    }
    assert response.text == "<!doctype html>\n<title>New UI</title>\n<h1>New UI</h1>\n"


@everywhere
@pytest.mark.parametrize(
    ("value", "lifetime", "way"),
    [
        ("true", 60_000, "on"),
        ("false", 60_000, "off"),
        ("true", -1, "off"),
        ("yes", 60_000, "off"),
    ],
)
def test_flag_in_an_envelope_lapses_by_itself(function, kv, value, lifetime, way):
    kv.put("flag/new-ui", _envelope(value, lifetime))
    assert _way(function.request("GET")) == f"new-ui={way}"


@each_host
@pytest.mark.parametrize(
    "value",
    [b"", b"TRUE", b"1", b"null", b'"true"', b"\xff", b"[" * 5000, b"{}"],
    ids=lambda value: repr(value[:20]),
)
def test_anything_else_is_the_default(function, kv, value):
    kv.put("flag/new-ui", value)
    mark = len(function.log())
    assert _way(function.request("GET")) == "new-ui=off"
    assert function.logged_since(mark) == ""


@each_host
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_every_method_is_served(function, kv, method):
    kv.put("flag/new-ui", "true")
    response = function.request(method, "/any/path?x=1", content=b"x" * 1000)
    assert (response.status_code, _way(response)) == (200, "new-ui=on")
    assert (b"New UI" in response.content) == (method != "HEAD")


@each_language
def test_default_may_be_on(fresh, host, kv):
    with fresh("flag", host, "--default", "on", "--flag", "Beta_2.x-y") as function:
        assert _way(function.request("GET")) == "Beta_2.x-y=on"
        with kv.failing(answer(401)):
            assert _way(function.request("GET")) == "Beta_2.x-y=on"
        kv.put("flag/Beta_2.x-y", "false")
        assert _way(function.request("GET")) == "Beta_2.x-y=off"
        kv.put("flag/Beta_2.x-y", _envelope("false", -1))
        assert _way(function.request("GET")) == "Beta_2.x-y=on"


@each_language
def test_flag_is_remembered_for_the_refresh_time_and_a_failure_never(fresh, host, kv):
    with fresh("flag", host, "--refresh", "2s", "--flag", "kept") as function:
        with kv.failing(answer(401)) as gate:
            for _ in range(2):
                assert _way(function.request("GET")) == "kept=off"
            assert gate.hits == 2
        kv.put("flag/kept", "true")
        kv.calls.clear()
        began = time.monotonic()
        assert _way(function.request("GET")) == "kept=on"
        kv.put("flag/kept", "false")
        while _way(function.request("GET")) == "kept=on":
            assert time.monotonic() - began < 20
        assert time.monotonic() - began >= 2
        assert kv.calls == ["GET", "GET"]
