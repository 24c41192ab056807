"""How every function uses the store: connections, configuration, envelopes, byte for byte.

Seen through the patterns, since the helpers have no other door.
"""

import json
import time

import pytest

from tests.behaviour.conftest import PATTERNS, everywhere
from tests.behaviour.gate import answer
from tests.behaviour.hosts import LANGUAGES, STORES
from tests.behaviour.origin import reply
from tests.behaviour.visits import Visitor

each_client = pytest.mark.parametrize("host", STORES)
each_pattern = pytest.mark.parametrize("pattern", PATTERNS)
_AWKWARD = 'Zoë \U0001f44b \u2028 </script> <&> "\\ \b\f\n\r\t\x01\x7f'


@pytest.fixture
def visitor(start, kv, pattern, host, expiry):
    return Visitor(start(pattern, host, expiry), pattern, kv)


@each_client
@each_pattern
def test_connection_is_kept_and_every_response_read_to_its_end(visitor, kv):
    faults = [answer(status) for status in (401, 404, 409, 429)]
    visitor.is_served()
    with kv.failing(lambda _: faults.pop() if faults else None) as gate:
        for _ in range(20):
            assert visitor.send().status_code in (200, 503)
        assert not faults
        assert gate.hits >= 20
        assert gate.connections <= 1


@each_client
def test_connection_to_the_origin_is_kept(start, origin, kv, host):
    origin.reset()
    function = start("cache", host)
    before = origin.connections
    for status in (200, 201, 302, 404, 500) * 3:
        origin.reply = reply(b"x" * 10_000, "Cache-Control: no-store", status=status)
        assert Visitor(function, "cache", kv).send().status_code == status
    assert len(origin.asked) == 15
    assert origin.connections - before <= 1


@pytest.mark.parametrize("host", LANGUAGES)
def test_namespace_of_a_binding_is_not_taken_for_that_of_the_variable(fresh, kv, host):
    with fresh("session", host, KV_SESSIONS_ID="another") as function:
        assert Visitor(function, "session", kv).is_served()


@pytest.mark.parametrize("host", LANGUAGES)
def test_key_and_namespace_are_one_segment_of_the_path_each(fresh, origin, kv, host):
    origin.reply = reply(b"", status=400)  # so that there is one request, without a body
    own = {"TELNYX_BASE_URL": origin.url, "TELNYX_API_KEY": "KEY_1", "KV_NAMESPACE_ID": "a/b c"}
    with fresh("session", host, **own) as function:
        visitor = Visitor(function, "session", kv)
        assert visitor.send().status_code == 503
    (asked,) = origin.asked
    assert asked.method == "GET"
    assert asked.target == f"/v2/storage/kvs/a%2Fb%20c/keys/session%2F{visitor.mark}"
    assert asked.header("Authorization") == "Bearer KEY_1"
    # No one decompresses what would come.
    assert asked.header("Accept-Encoding") in (None, "identity")


@pytest.mark.parametrize("host", LANGUAGES)
@pytest.mark.parametrize("suffix", ["///", "/v2/"])
def test_base_url_may_end_in_the_version(fresh, kv, host, suffix):
    base = kv.environment["TELNYX_BASE_URL"] + suffix
    with fresh("session", host, TELNYX_BASE_URL=base) as function:
        assert Visitor(function, "session", kv).is_served()


def _unwrapped(kv, visitor, expiry):
    """Return the text within what is stored, having checked what is around it."""
    raw = kv.get(visitor.key).decode()
    own = kv.expires_at(visitor.key)
    assert (own is None) == (expiry == "envelope")
    if expiry == "native":
        return raw
    envelope = json.loads(raw)
    assert list(envelope) == ["value", "expires_at"]
    assert type(envelope["value"]) is str
    assert type(envelope["expires_at"]) is int
    if own is not None:
        # The store counts whole seconds, and a fraction of one is rounded up.
        assert -100 <= own - envelope["expires_at"] <= 1100
    return envelope["value"]


@everywhere
@pytest.mark.parametrize("pattern", ["session"])
def test_session_is_stored_as_json_in_the_documented_envelope(visitor, kv, expiry):
    stored = {"views": 1, "note": _AWKWARD, "created": 5}
    kv.put(visitor.key, json.dumps(stored, ensure_ascii=False))
    session = visitor.send().json()
    assert session == {"views": 2, "note": _AWKWARD, "created": 5}
    assert json.loads(_unwrapped(kv, visitor, expiry)) == session


@everywhere
@pytest.mark.parametrize("pattern", ["cache"])
def test_cache_entry_is_stored_as_the_documented_json(visitor, kv, origin, expiry):
    origin.reply = reply(_AWKWARD.encode(), "X-B: 2", "Content-Type: text/plain")
    visitor.send()
    entry = json.loads(_unwrapped(kv, visitor, expiry))
    assert list(entry) == ["status", "headers", "stored_at", "encoding", "body"]
    assert type(entry.pop("stored_at")) is int
    assert entry == {
        "status": 200,
        "headers": [["content-type", "text/plain"], ["x-b", "2"]],
        "encoding": "utf-8",
        "body": _AWKWARD,
    }


_ENTRY = {
    "status": 200,
    "headers": [],
    "stored_at": 1_700_000_000_000,
    "encoding": "utf-8",
    "body": "stored",
}
_GOOD = {"session": '{"created":1,"views":7}', "cache": json.dumps(_ENTRY), "flag": "true"}


def _is_found(visitor, response):
    """Tell whether the answer comes of the stored value, and not of a missing one."""
    assert response.status_code == 200
    found = {
        "session": lambda: response.json() == {"created": 1, "views": 8},
        "cache": lambda: (response.headers["x-cache"], response.text) == ("HIT", "stored"),
        "flag": lambda: response.headers["x-flag"] == "new-ui=on",
    }
    return found[visitor.pattern]()


@everywhere
@each_pattern
@pytest.mark.parametrize(
    ("expires_at", "is_live"),
    [
        (lambda: int(time.time() * 1000) + 60_000, True),
        (lambda: 9007199254740991, True),
        (lambda: int(time.time() * 1000) - 1, False),
        (lambda: 0, False),
        (lambda: -1, False),
    ],
    ids=["soon", "largest", "past", "zero", "negative"],
)
def test_envelope_is_live_until_its_time_and_never_deleted(visitor, kv, expires_at, is_live):
    stored = f'{{"value": {json.dumps(_GOOD[visitor.pattern])}, "expires_at": {expires_at()}}}'
    kv.put(visitor.key, stored)
    kv.calls.clear()
    assert _is_found(visitor, visitor.send()) == is_live
    assert "DELETE" not in kv.calls
    if visitor.pattern == "flag":
        assert kv.get(visitor.key) == stored.encode()


@everywhere
@each_pattern
def test_bare_value_does_not_expire(visitor, kv):
    kv.put(visitor.key, _GOOD[visitor.pattern])
    assert _is_found(visitor, visitor.send())


@pytest.mark.parametrize("host", LANGUAGES)
@each_pattern
@pytest.mark.parametrize(
    "stored",
    [
        '{"value": %s}',
        '{"value": %s, "expires_at": "9007199254740991"}',
        '{"value": %s, "expires_at": null}',
        '{"value": %s, "expires_at": 9007199254740991, "more": 1}',
        '{"Value": %s, "expires_at": 9007199254740991}',
        '{"value": %s, "EXPIRES_AT": 9007199254740991}',
        '{"value": {"views": 1}, "expires_at": 9007199254740991, "was": %s}',
        '[{"value": %s, "expires_at": 9007199254740991}]',
        '{"value": %s, "expires_at": 9007199254740991}, ',
    ],
)
def test_what_is_nearly_an_envelope_is_a_bare_value(visitor, kv, stored):
    text = stored % json.dumps(_GOOD[visitor.pattern])
    kv.put(visitor.key, text)
    response = visitor.send()
    assert not _is_found(visitor, response)
    try:
        bare = json.loads(text)
    except ValueError:
        bare = None
    if visitor.pattern == "session" and isinstance(bare, dict):
        assert response.json() == bare | {"views": 1}
    assert visitor.is_served()


@pytest.mark.parametrize("host", LANGUAGES)
@each_pattern
@pytest.mark.parametrize(
    "stored",
    [
        *("[" * 5000, '{"a":' * 100_000, b"\xff\xfe", b"\x00", "7", "NaN", '""'),
        '{"value": "x", "expires_at": 1e400}',
        '{"value": "x", "expires_at": true}',
        '{"value": "x", "expires_at": 1.5}',
        '{"value": "\\ud800", "expires_at": 9007199254740991}',
    ],
    ids=lambda value: repr(value[:36]),
)
def test_odd_value_is_never_an_error(visitor, kv, stored):
    kv.put(visitor.key, stored)
    for _ in range(2):
        response = visitor.send()
        assert response.status_code == 200
        assert not _is_found(visitor, response)
    assert visitor.is_served()
