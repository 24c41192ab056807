"""What a cache function does, asked over HTTP: one body for every language and expiry mode."""

import base64
import concurrent.futures
import json
import re
import time
import uuid
from pathlib import Path

import pytest

from tests.behaviour.conftest import each_host, each_server, everywhere
from tests.behaviour.gate import HANG, Cut, only
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.origin import reply
from tests.behaviour.visits import is_error, own_headers
from tests.behaviour.wire import raw_request

_VECTORS = Path(__file__).parents[1] / "vectors"
_KEYS = json.loads((_VECTORS / "cache-keys.json").read_text(encoding="utf-8"))
_ENTRIES = json.loads((_VECTORS / "cache-entries.json").read_text(encoding="utf-8"))["entries"]
_TTL = 300_000  # milliseconds; the default lifetime
_MIB = 2**20


@pytest.fixture
def function(start, host, expiry):
    return start("cache", host, expiry)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


@pytest.fixture
def get(function, path):
    def send(method="GET", **headers):
        return function.request(method, path, headers=headers)

    return send


def _verdict(response):
    return response.headers["x-cache"]


def _stored(kv, path, expiry="both"):
    """Return the stored entry and when it expires, from the bytes in the KV, or None."""
    raw = kv.get(f"cache/api{path}")
    if raw is None:
        return None
    if expiry == "native":
        return json.loads(raw), kv.expires_at(f"cache/api{path}")
    envelope = json.loads(raw)
    assert list(envelope) == ["value", "expires_at"]
    return json.loads(envelope["value"]), envelope["expires_at"]


def _put(kv, path, entry):
    kv.put(f"cache/api{path}", entry if isinstance(entry, bytes) else json.dumps(entry))


def _entry(**changes):
    return {
        "status": 200,
        "headers": [["content-type", "text/plain"]],
        "stored_at": 1_700_000_000_000,
        "encoding": "utf-8",
        "body": "stored",
    } | changes


@everywhere
def test_miss_then_hit_with_the_calls_that_they_cost(get, kv, origin, path, expiry):
    origin.reply = reply(b"body", "Content-Type: text/x-test", 'ETag: "1"')
    kv.calls.clear()
    miss = get()
    assert (miss.status_code, miss.content, _verdict(miss)) == (200, b"body", "MISS")
    assert kv.calls == ["GET", "PUT"]
    assert own_headers(miss) == {"content-type": "text/x-test", "etag": '"1"', "x-cache": "MISS"}
    kv.calls.clear()
    hit = get()
    assert (hit.status_code, hit.content) == (200, b"body")
    assert own_headers(hit) == {
        "content-type": "text/x-test",
        "etag": '"1"',
        "x-cache": "HIT",
        "age": "0",
    }
    assert kv.calls == ["GET"]
    assert len(origin.asked) == 1


@each_host
def test_response_waits_until_the_entry_is_stored(get, kv):
    with kv.failing(only("PUT", HANG)), concurrent.futures.ThreadPoolExecutor(1) as pool:
        answered = pool.submit(get)
        wait_until(lambda: kv.gate.stalled, "the entry was not stored")
        assert not answered.done()
        kv.gate.fail(None)  # hangs up on the call
        assert _verdict(answered.result()) == "MISS"


@pytest.mark.parametrize("host", LANGUAGES)
def test_lifetime_and_prefix_are_what_was_answered(fresh, host, kv, path):
    with fresh("cache", host, "--ttl", "90s", "--prefix", "other-1") as function:
        earliest = time.time() * 1000 + 90_000
        assert _verdict(function.request("GET", path)) == "MISS"
        envelope = json.loads(kv.get(f"cache/other-1{path}"))
        assert earliest - 1 <= envelope["expires_at"] <= time.time() * 1000 + 90_000
    assert kv.get(f"cache/api{path}") is None


@everywhere
def test_entry_lives_for_the_lifetime(get, kv, path, expiry):
    earliest = time.time() * 1000 + _TTL
    get()
    entry, expires_at = _stored(kv, path, expiry)
    assert earliest - 1001 <= expires_at <= time.time() * 1000 + _TTL
    assert list(entry) == ["status", "headers", "stored_at", "encoding", "body"]
    assert earliest - _TTL - 1 <= entry["stored_at"] <= time.time() * 1000
    own = kv.expires_at(f"cache/api{path}")
    assert (own is None) == (expiry == "envelope")


@each_host
@pytest.mark.parametrize("vector", _ENTRIES, ids=lambda vector: vector["name"])
def test_entry_is_the_same_json_value_in_every_language(get, kv, origin, path, vector):
    lines = [f"{name}: {value}" for name, value in vector["headers"]]
    body = base64.b64decode(vector["body"])
    origin.close = any("close" in line for line in lines)
    origin.reply = reply(body, *lines, status=vector["status"])
    response = get()
    assert (response.status_code, _verdict(response)) == (vector["status"], "MISS")
    stored = _stored(kv, path)
    if vector["entry"] is None:
        assert stored is None
        return
    entry = stored[0]
    assert list(entry) == ["status", "headers", "stored_at", "encoding", "body"]
    del entry["stored_at"]
    assert entry | {"headers": _joined(entry["headers"])} == vector["entry"]
    hit = get()
    assert (_verdict(hit), hit.content) == ("HIT", body)
    sent = [(name, value) for name, value in hit.headers.multi_items() if name in own_headers(hit)]
    own = [(name, value) for name, value in sent if name not in ("x-cache", "age")]
    assert _joined(own) == vector["entry"]["headers"]


def _joined(headers):
    """Return headers in the order of their names, those of one name as one, as HTTP allows."""
    names = sorted({name for name, _ in headers})
    return [[name, ", ".join(value for n, value in headers if n == name)] for name in names]


def _is_redirected(function, target):
    """Tell whether this is for the host alone: a mux cleans the path before all else."""
    path = target.partition("?")[0]
    return function.host.cleans_paths and re.search(r"//|/\.\.?(/|$)", path)


@each_server
def test_targets_have_the_normative_keys_and_reach_the_origin_as_they_are(function, kv, origin):
    for vector in _KEYS["keys"]:
        if _is_redirected(function, vector["target"]):
            continue
        origin.reset()
        kv.calls.clear()
        kv.delete(vector["key"])
        status, headers, _ = raw_request(function.port, "GET", vector["target"])
        assert (status, headers["x-cache"]) == (200, "MISS"), vector
        assert kv.get(vector["key"]) is not None, vector
        expected = vector["target"].removesuffix("?") if vector["target"] == "/users?" else None
        assert [asked.target for asked in origin.asked] == [expected or vector["target"]]
        assert raw_request(function.port, "GET", vector["target"])[1]["x-cache"] == "HIT"


@each_server
@pytest.mark.parametrize("target", [t for t in _KEYS["refused"] if t.startswith("/")])
def test_refused_target_is_400_and_nothing_is_asked(function, kv, origin, target):
    kv.calls.clear()
    status, headers, body = raw_request(function.port, "GET", target)
    assert kv.calls == origin.asked == []
    if _is_redirected(function, target):
        assert "location" in headers
        return
    assert status == 400
    if function.language == "go" and re.search("%(?![0-9a-f]{2})", target.partition("?")[0]):
        return  # Go's own server answers where a path has a broken escape.
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert json.loads(body) == {"error": "malformed request target"}


@each_server
@pytest.mark.parametrize("target", [t for t in _KEYS["refused"] if not t.startswith("/")])
def test_target_without_a_path_is_refused(function, kv, origin, target):
    kv.calls.clear()
    if function.host.name == "uvicorn" and target != "*":
        return  # Its parser drops the authority, and hands the function a path.
    assert raw_request(function.port, "GET", target)[0] in (400, 404)
    assert kv.calls == origin.asked == []


@each_host
def test_origin_gets_nothing_of_the_client_and_no_second_request(get, origin, path):
    origin.reply = reply(b"", "Location: /elsewhere", status=302)
    response = get(**{"Cookie": "a=b", "Accept": "x/y", "X-Own": "1", "User-Agent": "me"})
    assert (response.status_code, response.headers["location"]) == (302, "/elsewhere")
    (asked,) = origin.asked
    assert (asked.method, asked.target) == ("GET", path)
    assert asked.header("Accept-Encoding") == "identity"
    assert asked.header("Host") == f"127.0.0.1:{origin.port}"
    for name in ("Cookie", "Accept", "X-Own"):
        assert asked.header(name) in (None, "*/*"), name
    assert asked.header("User-Agent") != "me"


@each_host
def test_authorization_bypasses_the_cache(get, kv, origin, path):
    origin.reply = reply(b"yours")
    _put(kv, path, _entry())
    kv.calls.clear()
    response = get(Authorization="Bearer secret", Accept="x/y", Cookie="a=b")
    assert (response.content, _verdict(response)) == (b"yours", "BYPASS")
    assert kv.calls == []
    (asked,) = origin.asked
    assert (asked.header("Authorization"), asked.header("Accept")) == ("Bearer secret", "x/y")
    assert asked.header("Cookie") is None
    assert kv.get(f"cache/api{path}") == json.dumps(_entry()).encode()


@each_host
def test_authorization_is_no_way_around_the_rest(function, get, kv, origin, path):
    assert is_error(get("POST", Authorization="x"), 405, "method not allowed", allow="GET, HEAD")
    assert raw_request(function.port, "GET", "/a|b", "Authorization: x")[0] == 400
    assert origin.asked == []
    head = get("HEAD", Authorization="")
    assert (head.status_code, _verdict(head), head.content) == (200, "BYPASS", b"")
    origin.reply = Cut()
    assert is_error(get(Authorization="x"), 502, "origin unreachable")
    assert kv.get(f"cache/api{path}") is None


@each_host
def test_head_is_get_without_the_body_also_on_a_miss(get, kv, origin, path):
    miss, hit = get("HEAD"), get("HEAD")
    assert (_verdict(miss), _verdict(hit)) == ("MISS", "HIT")
    assert miss.content == hit.content == b""
    assert miss.headers["content-length"] == hit.headers["content-length"] == "5"
    assert [asked.method for asked in origin.asked] == ["GET"]
    assert get().content == b"hello"


@each_host
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_with_those_allowed(get, kv, origin, method):
    kv.calls.clear()
    response = get(method)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert response.json() == {"error": "method not allowed"}
    assert kv.calls == origin.asked == []


@each_host
@pytest.mark.parametrize("size", [_MIB - 500, _MIB + 1, 10 * _MIB])
def test_what_does_not_fit_is_served_and_not_stored(get, kv, origin, path, size):
    origin.reply = reply(b"x" * size)
    assert [_verdict(get()), _verdict(get())] == (
        ["MISS", "HIT"] if size < _MIB else ["MISS", "MISS"]
    )
    assert len(get().content) == size
    assert (_stored(kv, path) is None) == (size > _MIB)


@each_host
def test_age_counts_whole_seconds_and_an_expired_entry_is_a_miss(get, kv, path):
    now = int(time.time() * 1000)
    _put(kv, path, _entry(stored_at=now - 90_500))
    assert get().headers["age"] in ("90", "91", "92", "93")
    _put(kv, path, _entry(stored_at=now + 60_000))
    assert get().headers["age"] == "0"
    inner = json.dumps(_entry())
    _put(kv, path, {"value": inner, "expires_at": now + 60_000})
    assert get().content == b"stored"
    _put(kv, path, {"value": inner, "expires_at": now - 1})
    assert _verdict(get()) == "MISS"


@pytest.mark.parametrize("host", LANGUAGES)
@pytest.mark.parametrize(
    "stored",
    [
        *(b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff", b"[" * 5000),
        _entry(status="200"),
        _entry(headers={"a": "b"}),
        _entry(headers=["a"]),
        _entry(body=["x"]),
    ],
    ids=lambda value: str(value)[:70],
)
def test_stored_value_that_is_no_entry_is_a_miss(get, kv, path, stored):
    _put(kv, path, stored)
    response = get()
    assert (response.status_code, response.content, _verdict(response)) == (200, b"hello", "MISS")
    assert _verdict(get()) == "HIT"


@pytest.mark.parametrize("host", LANGUAGES)
@pytest.mark.parametrize(
    "stored",
    [
        _entry(status=1000),
        _entry(status=204),
        _entry(headers=[["a", "b\r\nx-evil: d"]]),
        _entry(headers=[["a b", "c"]]),
        _entry(headers=[["a", "\u2028"]]),
        _entry(headers=[["content-length", "99"], ["transfer-encoding", "chunked"]]),
        _entry(encoding="base64", body="?"),
        _entry(encoding="gzip"),
        _entry(headers=None),
        _entry(body=None),
        {k: v for k, v in _entry().items() if k != "body"},
        {k: v for k, v in _entry().items() if k != "stored_at"},
        _entry(body="a\ud800b"),
    ],
    ids=lambda value: str(value)[:70],
)
def test_entry_that_no_function_wrote_does_no_harm(function, get, kv, path, stored):
    """It may be served or replaced, but it is not an error that stays, and breaks no framing."""
    _put(kv, path, stored)
    responses = [get() for _ in range(2)]
    assert responses[-1].status_code < 500
    for response in responses:
        assert "x-evil" not in response.headers
    status, headers, body = raw_request(function.port, "GET", path)
    assert status < 500
    assert int(headers.get("content-length", len(body))) == len(body)


@each_host
def test_verdict_of_the_origin_is_replaced(get, origin):
    origin.reply = reply(b"x", "X-Cache: from another cache")
    for verdict in ("MISS", "HIT"):
        assert get().headers.get_list("x-cache") == [verdict]


@each_host
@pytest.mark.parametrize("status", [201, 203, 204, 206, 301, 304, 400, 404, 418, 500, 503, 599])
def test_any_status_is_passed_on_and_only_200_is_stored(get, kv, origin, path, status):
    own = ("X-Own: 1", "Cache-Control: max-age=60")
    body = b"" if status in (204, 304) else b"body"
    head = "\r\n".join([f"HTTP/1.1 {status} X", *own, "", ""]).encode()
    origin.reply = reply(body, *own, status=status) if body else head
    response = get()
    assert (response.status_code, response.content) == (status, body)
    assert (response.headers["x-own"], _verdict(response)) == ("1", "MISS")
    assert _stored(kv, path) is None


@each_host
def test_cookies_and_encoded_bodies_pass_through_unchanged(get, origin):
    compressed = base64.b64decode("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==")
    origin.reply = reply(
        compressed, "Content-Encoding: gzip", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2"
    )
    response = get()
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
    assert response.headers["content-length"] == str(len(compressed))


@each_host
def test_a_hundred_concurrent_misses_ask_the_origin_once(function, kv, origin, path):
    origin.hold()
    kv.calls.clear()
    function.hang_up()
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        asking = [pool.submit(function.fresh_request, "GET", path) for _ in range(100)]
        function.wait_for_connections(100)
        origin.release()
        responses = [future.result() for future in asking]
    assert {response.content for response in responses} == {b"hello"}
    assert {_verdict(response) for response in responses} <= {"MISS", "HIT"}
    assert len(origin.asked) == 1
    assert kv.calls.count("PUT") == 1
    hits = [response for response in responses if _verdict(response) == "HIT"]
    assert kv.calls.count("GET") <= 1 + len(hits)


@each_host
def test_log_is_silent_when_all_is_well(function, get):
    mark = len(function.log())
    for _ in range(3):
        get()
    assert not re.search(r"\S", function.logged_since(mark))
