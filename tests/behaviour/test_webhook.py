"""What a webhook function does with requests from Telnyx, and with requests from others."""

import json
import time

import pytest

from tests.behaviour.conftest import each_host, everywhere
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import is_error, own_headers
from tests.behaviour.webhooks import OTHER_KEY, deliver, event, new_id, signed

_DAY = 86_400_000  # milliseconds
_STALE, _INVALID = "missing or stale timestamp", "invalid signature"

each_language = pytest.mark.parametrize("host", LANGUAGES)


@pytest.fixture
def function(start, kv, host, expiry):
    function = start("webhook", host, expiry)
    kv.calls.clear()
    return function


def _expiry_of(kv, key, expiry):
    """Return when a mark lapses, as the mode has it."""
    return kv.expires_at(key) if expiry == "native" else json.loads(kv.get(key))["expires_at"]


def _is_processed(response, status="processed"):
    assert (response.status_code, response.json()) == (200, {"status": status}), response.text
    return True


@everywhere
def test_event_is_processed_once_and_remembered_for_a_day(function, kv, expiry):
    event_id = new_id()
    body, began = event(event_id), time.time() * 1000
    assert _is_processed(deliver(function, body))
    assert kv.calls == ["GET", "PUT"]
    assert kv.keys(f"webhook/{event_id}") == [f"webhook/{event_id}"]
    lapses = _expiry_of(kv, f"webhook/{event_id}", expiry)
    assert began + _DAY - 1000 <= lapses <= time.time() * 1000 + _DAY + 1000
    for _ in range(2):
        assert _is_processed(deliver(function, body), "duplicate")
    assert kv.calls == ["GET", "PUT", "GET", "GET"]


@each_host
def test_responses_are_alike_in_every_language(function):
    response = deliver(function, event(new_id()))
    assert response.text == '{"status":"processed"}'
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    assert own_headers(response) == headers


@each_host
@pytest.mark.parametrize("event_type", ["message.received", "call.initiated", "fax.queued", "x"])
def test_event_of_any_type_is_accepted(function, event_type):
    assert _is_processed(deliver(function, event(new_id(), event_type)))


@each_host
@pytest.mark.parametrize("age", [290, -290])
def test_clocks_may_differ_by_the_tolerance(function, age):
    body = event(new_id())
    assert _is_processed(deliver(function, body, signed(body, age)))


@each_host
def test_body_is_verified_byte_for_byte(function):
    for body in (
        b' {"data" : {"id": "%s", "event_type":"\\u0061", "payload": {"text": "Zo\xc3\xab"}}}\r\n',
        b'{"data":{"event_type":"a","id":"%s","large":1e400,"payload":null}}',
    ):
        whole = body % new_id().encode()
        assert _is_processed(deliver(function, whole))
        assert is_error(deliver(function, whole.strip() + b"\n", signed(whole)), 401, _INVALID)


def _changed(**headers):
    return lambda body: signed(body) | {name.replace("_", "-"): v for name, v in headers.items()}


def _without(name):
    return lambda body: {n: value for n, value in signed(body).items() if n != name}


_REFUSED = {
    "stale": (lambda body: signed(body, 310), _STALE),
    "future": (lambda body: signed(body, -310), _STALE),
    "unsigned": (lambda _: {}, _STALE),
    "no timestamp": (_without("Telnyx-Timestamp"), _STALE),
    "empty timestamp": (_changed(Telnyx_Timestamp=""), _STALE),
    "no number": (_changed(Telnyx_Timestamp="today"), _STALE),
    "nan": (_changed(Telnyx_Timestamp="NaN"), _STALE),
    "infinite": (_changed(Telnyx_Timestamp="9" * 5000), _STALE),
    "other timestamp": (lambda body: signed(body) | _timestamp(signed(body, 1)), _INVALID),
    "no signature": (_without("Telnyx-Signature-Ed25519"), _INVALID),
    "empty signature": (_changed(Telnyx_Signature_Ed25519=""), _INVALID),
    "no base64": (_changed(Telnyx_Signature_Ed25519="*" * 88), _INVALID),
    "half base64": (_changed(Telnyx_Signature_Ed25519="A" * 87), _INVALID),
    "short signature": (_changed(Telnyx_Signature_Ed25519="AAAA"), _INVALID),
    "zeros": (_changed(Telnyx_Signature_Ed25519="A" * 86 + "=="), _INVALID),
    "other key": (lambda body: signed(body, key=OTHER_KEY), _INVALID),
    "other body": (lambda body: signed(body + b" "), _INVALID),
    "no body": (lambda _: signed(b""), _INVALID),
}


def _timestamp(headers):
    return {"Telnyx-Timestamp": headers["Telnyx-Timestamp"]}


@each_host
@pytest.mark.parametrize("refused", _REFUSED)
def test_what_telnyx_has_not_just_signed_is_401_without_a_kv_call(function, kv, refused):
    headers, message = _REFUSED[refused]
    body, mark = event(new_id()), len(function.log())
    assert is_error(deliver(function, body, headers(body)), 401, message)
    assert kv.calls == []
    assert function.logged_since(mark) == ""
    assert _is_processed(deliver(function, body))


@each_host
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"null", b"7", b"[]", b"{}", b'{"data": null}', b'{"data": []}', b'"data"'),
        *(b'{"data": {"event_type": "x"}}', b'{"data": {"id": "x"}}'),
        b'{"data": {"id": 7, "event_type": "x"}}',
        b'{"data": {"id": "", "event_type": "x"}}',
        b'{"data": {"id": "a/../b", "event_type": "x"}}',
        b'{"data": {"id": "a\\n", "event_type": "x"}}',
        b'{"data": {"id": "%s", "event_type": "x"}}' % (b"x" * 129),
        b"[" * 100_000,
    ],
    ids=lambda body: str(body[:40]),
)
def test_signed_body_that_is_no_event_is_400_without_a_kv_call(function, kv, body):
    mark = len(function.log())
    assert is_error(deliver(function, body), 400, "malformed event")
    assert kv.calls == []
    assert function.logged_since(mark) == ""


@each_host
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405_without_a_kv_call(function, kv, method):
    body = event(new_id())
    response = function.request(method, content=body, headers=signed(body))
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    if method != "HEAD":
        assert is_error(response, 405, "method not allowed", allow="POST")
    assert kv.calls == []


@each_host
def test_event_may_have_ten_mebibytes_and_no_byte_more(function, kv):
    rest = len(event(new_id(), text=""))
    largest = event(new_id(), text="x" * (10 * 2**20 - rest))
    assert _is_processed(deliver(function, largest))
    kv.calls.clear()

    def one_byte_more():
        yield largest
        yield b" "

    for content in (largest + b" ", one_byte_more()):
        headers = signed(largest + b" ")
        response = function.fresh_request("POST", content=content, headers=headers)
        assert is_error(response, 413, "request body too large")
    assert kv.calls == []


@each_language
def test_tolerance_and_memory_are_those_that_were_asked_for(fresh, kv, host):
    with fresh("webhook", host, "--tolerance", "1h", "--dedupe", "2s") as function:
        body = event(new_id())
        assert is_error(deliver(function, body, signed(body, 3610)), 401, _STALE)
        began = time.monotonic()
        assert _is_processed(deliver(function, body, signed(body, 3590)))
        while deliver(function, body).json() == {"status": "duplicate"}:
            assert time.monotonic() - began < 20
        assert time.monotonic() - began >= 1.9


@each_language
@pytest.mark.parametrize("key", ["nonsense", "AAAA", "A" * 44])
def test_public_key_that_is_none_is_named_and_not_shown(fresh, kv, host, key):
    with fresh("webhook", host, TELNYX_PUBLIC_KEY=key) as function:
        kv.calls.clear()
        assert is_error(deliver(function, event(new_id())), 500, "internal error")
        assert "TELNYX_PUBLIC_KEY is not an Ed25519 public key" in function.log()
        assert function.log().count("\n") == 1
        assert key not in function.log()
        assert kv.calls == []
