"""Whom the console answers, and what it costs: over HTTP, as a stranger would ask."""

import contextlib
import json
import re
import time

import httpx
import pytest

from kvgen.console.bus import MOST_STREAMS
from tests.behaviour.hosting import wait_until
from tests.console.conftest import running_console

_CALLS = [
    ("GET", "events"),
    ("DELETE", "entries"),
    ("GET", "keys"),
    ("GET", "keys/secret"),
    ("PUT", "keys/secret"),
    ("DELETE", "keys/secret"),
    ("GET", "export"),
    ("DELETE", "expired"),
    ("POST", "faults"),
    ("PUT", "faults/0"),
    ("POST", "send"),
]
_FILES = ["/", "/console/app.js", "/console/style.css", "/console/icon.svg"]


def _ask(console, method, path, **headers):
    return httpx.request(method, console.url + path, headers=headers, trust_env=False)


@pytest.mark.parametrize(("method", "path"), _CALLS)
def test_call_needs_the_token_in_its_header(console, method, path):
    console.put("secret", "the value")
    for headers in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": f"Basic {console.token}"},
        {"Cookie": f"token={console.token}"},
    ):
        refused = _ask(console, method, f"/console/api/{path}?token={console.token}", **headers)
        assert refused.status_code == 401
        assert "the value" not in refused.text
    assert console.get("secret")["text"] == "the value"


@pytest.mark.parametrize("path", [*_FILES, "/console/api/keys"])
def test_foreign_host_and_foreign_origin_are_refused(console, path):
    bearer = {"Authorization": f"Bearer {console.token}"}
    assert _ask(console, "GET", path, Host="evil.example", **bearer).status_code == 421
    for origin in ("http://evil.example", "null", "http://localhost:1"):
        assert _ask(console, "GET", path, Origin=origin, **bearer).status_code == 403
    assert _ask(console, "GET", path, Origin=console.url, **bearer).status_code == 200


def test_tokens_of_console_and_kv_are_not_each_others(console):
    headers = {"Authorization": f"Bearer {console.token}"}
    assert _ask(console, "GET", "/v2/storage/kvs", **headers).status_code == 401


@pytest.mark.parametrize("path", _FILES)
def test_page_loads_nothing_from_elsewhere_and_stands_in_no_frame(console, path):
    response = _ask(console, "GET", path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    own = response.text.replace("http://www.w3.org/2000/svg", "").replace('"http://', "")
    assert not re.search(r"https?://\w", own)


@pytest.mark.parametrize("path", ["app.py", "../app.py", "%2e%2e/app.py", "page/app.js", "x.js"])
def test_no_other_file_is_served(console, path):
    assert _ask(console, "GET", f"/console/{path}").status_code == 404


def test_file_cannot_be_written_and_other_paths_are_the_kvs(console):
    assert _ask(console, "POST", "/console/app.js").status_code == 405
    assert _ask(console, "GET", "/openapi.json").status_code == 200
    assert _ask(console, "GET", "/consoles").json()["errors"][0]["detail"] == (
        "There is no such call."
    )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", "x" * 5000, 413),
        ("faults", "[" * 4000, 400),
        ("faults", "[]", 400),
        ("faults", '{"rule": 1}', 400),
        ("send", '{"method": "GET", "path": "/", "headers": [1], "body": ""}', 400),
        ("send", '{"method": "G\\r\\nX: y", "path": "/", "headers": [], "body": ""}', 400),
        ("send", '{"method": "GET", "path": "/", "headers": [["a", "b\\r\\nc"]], "body": ""}', 400),
        ("send", "{" + " " * 2_200_000 + "}", 413),
    ],
    ids=range(8),
)
def test_body_that_is_none_is_a_problem_and_no_bug(console, path, body, status):
    refused = console.http.post(path, content=body)
    assert refused.status_code == status
    assert refused.json()["errors"][0]["detail"]


@pytest.mark.parametrize("number", ["99", "-1", "x", "²", "1" * 30])
def test_rule_that_is_not_there_is_not_found(console, number):
    assert console.http.put(f"faults/{number}", json={"on": True}).status_code == 404


def test_request_is_sent_to_the_function_and_nowhere_else(console):
    for path in ("http://evil.example/", "//evil.example/", "@evil.example/"):
        body = json.dumps({"method": "GET", "path": path, "headers": [], "body": ""})
        sent = console.http.post("send", content=body)
        assert sent.status_code in (200, 400)
        if sent.status_code == 200:
            assert json.loads(sent.json()["body"]["text"]) == {"word": "first"}


def test_nothing_that_the_page_sends_steers_the_terminal(console):
    console.http.get("keys/%1b%5d0;owned%07%0aforged")
    body = {"method": "GET", "path": "/\x1b]0;owned\x07", "headers": [], "body": ""}
    console.http.post("send", json=body)
    console.dev.get("/seen")
    console.dev.says("GET /seen")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", console.dev.output)


def test_streams_are_few_and_one_that_is_closed_makes_room(console):
    with contextlib.ExitStack() as stack:
        first, *_ = [
            stack.enter_context(console.http.stream("GET", "events")) for _ in range(MOST_STREAMS)
        ]
        assert console.http.get("events").status_code == 503
        first.close()

        def is_open():
            with console.http.stream("GET", "events") as another:
                return another.status_code == 200

        wait_until(is_open, "a stream that was closed is still counted")


def test_open_streams_end_at_once_when_kvgen_does(folder):
    with running_console(folder) as console, console.http.stream("GET", "events") as stream:
        pieces = stream.iter_bytes()
        assert b"hello" in next(pieces)
        began = time.monotonic()
        console.dev.stop()
        assert time.monotonic() - began < 5
        assert list(pieces) == []  # to its end, and not cut
        assert console.dev.output.rstrip().endswith("Stopped.")
