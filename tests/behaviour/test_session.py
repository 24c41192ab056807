"""What a session function does, asked over HTTP: one body for every language and expiry mode."""

import json
import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.behaviour.conftest import each_host, everywhere
from tests.behaviour.gate import HANG, only
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import is_error, own_headers

_JSON = "application/json"
_DAY = 86_400_000  # milliseconds; the default lifetime


@pytest.fixture
def function(start, host, expiry):
    return start("session", host, expiry)


@pytest.fixture
def session_id():
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def ask(function, session_id):
    def send(method="GET", session=session_id, **options):
        return function.request(method, headers={"X-Session-ID": session}, **options)

    return send


def _is_refused(response):
    rule = "X-Session-ID must be sent once, with 16 to 128 of A-Z a-z 0-9 _ -"
    return is_error(response, 400, rule)


def _stored(kv, session_id, expiry):
    """Return the stored session and when it expires, from the bytes in the KV."""
    raw = kv.get(f"session/{session_id}")
    assert raw is not None
    if expiry == "native":
        return json.loads(raw), None
    envelope = json.loads(raw)
    assert list(envelope) == ["value", "expires_at"]
    return json.loads(envelope["value"]), envelope["expires_at"]


@everywhere
def test_first_request_starts_a_session_and_later_ones_count(ask, kv, session_id, expiry):
    before = int(time.time() * 1000)
    first = ask()
    after = int(time.time() * 1000)
    session = first.json()
    assert first.status_code == 200
    assert own_headers(first) == {"content-type": _JSON, "cache-control": "no-store"}
    assert session.keys() == {"created", "views"}
    assert before - 1 <= session["created"] <= after + 1
    for views in range(1, 4):
        assert ask("POST" if views == 2 else "GET").json() == session | {"views": views}
    assert _stored(kv, session_id, expiry)[0] == session | {"views": 3}


@everywhere
def test_each_request_renews_the_lifetime(ask, kv, session_id, expiry):
    ask()
    _, first = _stored(kv, session_id, expiry)
    before = int(time.time() * 1000)
    ask()
    after = int(time.time() * 1000)
    _, second = _stored(kv, session_id, expiry)
    if expiry != "native":
        assert isinstance(second, int)
        assert before + _DAY - 1 <= second <= after + _DAY + 1
        assert second >= first
    if expiry != "envelope":
        assert kv.expires_at(f"session/{session_id}") >= before + _DAY - 1000


@each_host
def test_response_waits_until_the_session_is_written(function, ask, kv, session_id):
    kv.put(f"session/{session_id}", '{"views": 1}')
    with kv.failing(only("PUT", HANG), times=1), ThreadPoolExecutor(1) as pool:
        answered = pool.submit(ask)
        wait_until(lambda: kv.gate.stalled, "the session was not written")
        assert not answered.done()
        assert kv.get(f"session/{session_id}") == b'{"views": 1}'
        kv.gate.fail(None)  # hangs up on the call, which is then made once more
        assert answered.result().json() == {"views": 2}
    assert _stored(kv, session_id, "both")[0] == {"views": 2}


@everywhere
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_with_an_id_is_one_read_and_one_write(ask, kv, method, expiry):
    ask()
    kv.calls.clear()
    ask(method)
    assert kv.calls == ["GET", "PUT"]


@pytest.mark.parametrize("host", LANGUAGES)
def test_lifetime_and_header_are_what_was_answered(fresh, host, kv):
    with fresh("session", host, "--ttl", "90s", "--header", "x-visitor_1") as function:
        earliest = int(time.time() * 1000) + 90_000
        session_id = function.request("POST").headers["x-visitor_1"]
        _, expires_at = _stored(kv, session_id, "both")
        assert earliest - 1 <= expires_at <= int(time.time() * 1000) + 90_000
        headers = {"X-Visitor_1": session_id}
        assert function.request("GET", headers=headers).json()["views"] == 1


@everywhere
def test_expired_session_starts_afresh(ask, kv, session_id, expiry):
    old = json.dumps({"created": 1, "views": 7})
    past = int(time.time() * 1000) - 1
    kv.put(f"session/{session_id}", json.dumps({"value": old, "expires_at": past}))
    kv.calls.clear()
    session = ask().json()
    assert session["views"] == 0
    assert session["created"] > 1
    assert kv.calls == ["GET", "PUT"]


@everywhere
def test_session_that_has_not_expired_counts_on(ask, kv, session_id, expiry):
    old = json.dumps({"created": 1, "views": 7})
    soon = int(time.time() * 1000) + 60_000
    kv.put(f"session/{session_id}", json.dumps({"value": old, "expires_at": soon}))
    assert ask().json() == {"created": 1, "views": 8}


@everywhere
@pytest.mark.parametrize(
    "value",
    ["", "{", "[1]", '"text"', "null", "7", b"\xff\xfe", "[" * 5000],
    ids=lambda value: repr(value[:20]),
)
def test_stored_value_that_is_no_object_starts_a_session(
    ask, function, kv, session_id, value, expiry
):
    kv.put(f"session/{session_id}", value)
    mark = len(function.log())
    response = ask()
    assert (response.status_code, response.json()["views"]) == (200, 0)
    expected = "session: stored value is not a JSON object, starting afresh"
    # An empty value is what Go's helper returns for a missing one, so nothing is said there.
    if value:
        assert expected in function.logged_since(mark)
        assert function.logged_since(mark).count("\n") == 1
    assert ask().json()["views"] == 1


@everywhere
@pytest.mark.parametrize(
    ("before", "after"),
    [("0", 1), ("-5", -4), ("41", 42), ('"7"', 1), ("null", 1), ("{}", 1), ("true", 1), ("1.5", 1)],
)
def test_views_count_on_from_integers_and_begin_at_one_from_all_else(
    ask, kv, session_id, before, after, expiry
):
    kv.put(f"session/{session_id}", f'{{"created": 1, "views": {before}}}')
    assert ask().json() == {"created": 1, "views": after}


@each_host
def test_missing_views_count_from_zero(ask, kv, session_id):
    kv.put(f"session/{session_id}", '{"cart": []}')
    assert ask().json() == {"cart": [], "views": 1}


@everywhere
def test_other_members_are_kept_as_they_were(ask, kv, session_id, expiry):
    others = {
        "user": "Zoë \N{WAVING HAND SIGN} \u2028 </script> <&>\r\n\x01",
        "cart": [{"sku": "a/b", "n": 2.5}, None, True, -(2**53)],
        "Views": 3,
        "__proto__": {"admin": True},
        "constructor": 1,
        "": "empty",
        "12": "numeric",
        "nested": {"views": {"views": 1}},
        "deep": json.loads("[" * 98 + "]" * 98),
    }
    kv.put(f"session/{session_id}", json.dumps({**others, "created": "then", "views": 1}))
    expected = {**others, "created": "then", "views": 2}
    assert json.loads(ask().content) == expected
    assert _stored(kv, session_id, expiry)[0] == expected


def _no_json(constant):
    raise AssertionError(f"{constant} is not JSON")


@pytest.mark.parametrize("host", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        f'{{"deep": {"[" * 900}{"]" * 900}, "views": 0}}',
        f'{{"deep": {"[" * 100_000}{"]" * 100_000}, "views": 0}}',
        '{"a": 1e400, "b": -1e400, "views": 1}',
        '{"views": 1e300}',
        '{"views": 9007199254740993}',
        f'{{"views": 1{"0" * 5000}}}',
        '{"views": NaN}',
        '{"a": "\\ud800", "views": 1}',
        b'{"a": "\xff\xe2\x82x", "views": 1}',
        "\ufeff{}",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_value_beyond_what_languages_agree_on_is_never_an_error(ask, kv, session_id, text):
    """How it is counted is up to the language's library; that it is served is not."""
    kv.put(f"session/{session_id}", text)
    for _ in range(2):
        response = ask()
        assert response.status_code == 200
        if "[[[" not in str(text):
            views = json.loads(response.content, parse_constant=_no_json)["views"]
            assert isinstance(views, int | float)
            assert views >= 0


@everywhere
def test_post_without_an_id_makes_a_session_under_a_fresh_one(function, kv, expiry):
    kv.calls.clear()
    response = function.request("POST")
    session_id = response.headers["x-session-id"]
    assert response.status_code == 201
    assert own_headers(response) == {
        "content-type": _JSON,
        "cache-control": "no-store",
        "x-session-id": session_id,
    }
    assert re.fullmatch("[A-Za-z0-9_-]{16,128}", session_id)
    assert response.json()["views"] == 0
    assert _stored(kv, session_id, expiry)[0] == response.json()
    assert kv.calls == ["PUT"]
    again = function.request("GET", headers={"X-Session-ID": session_id})
    assert again.json() == response.json() | {"views": 1}
    assert function.request("POST").headers["x-session-id"] != session_id


@everywhere
def test_delete_removes_the_key_and_responds_with_nothing(ask, kv, session_id, expiry):
    ask()
    kv.calls.clear()
    response = ask("DELETE")
    assert (response.status_code, response.content) == (204, b"")
    assert own_headers(response) == {"cache-control": "no-store"}
    assert kv.get(f"session/{session_id}") is None
    assert kv.calls == ["DELETE"]
    assert ask("DELETE").status_code == 204
    assert ask().json()["views"] == 0


@each_host
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        [("X-Session-ID", "")],
        [("X-Session-ID", "x" * 15)],
        [("X-Session-ID", "x" * 129)],
        [("X-Session-ID", "not/legal/characters")],
        [("X-Session-ID", "a colon:a colon:a")],
        [("X-Session-ID", "../../../../../../..")],
        [("X-Session-ID", "x" * 20 + "\xe9")],
        [("X-Session-ID", "x" * 20), ("X-Session-ID", "x" * 20)],
        [("X-Session-ID", "x" * 20), ("x-session-id", "")],
        [("X-Session-ID", ""), ("X-Session-ID", "x" * 20)],
        [("X-Session-ID", "x" * 20 + ", " + "x" * 20)],
    ],
    ids=lambda headers: repr(headers)[:60],
)
def test_id_that_is_not_one_legal_header_is_refused_and_nothing_asked(
    function, kv, method, headers
):
    kv.calls.clear()
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    assert _is_refused(function.request(method, headers=sent))
    assert kv.calls == []


@each_host
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_missing_id_is_refused(function, kv, method):
    kv.calls.clear()
    assert _is_refused(function.request(method))
    assert kv.calls == []


@each_host
@pytest.mark.parametrize("length", [16, 128])
def test_shortest_and_longest_ids_are_taken(ask, length):
    assert ask(session=uuid.uuid4().hex * 4)
    assert ask(session=(uuid.uuid4().hex * 4)[:length]).status_code == 200


@each_host
def test_header_name_is_taken_in_any_case(function, session_id):
    for name in ("x-session-id", "X-SESSION-ID"):
        assert function.request("GET", headers={name: session_id}).status_code == 200


@each_host
@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_refused_with_those_allowed(ask, kv, method):
    kv.calls.clear()
    response = ask(method)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST, DELETE"
    assert response.headers["cache-control"] == "no-store"
    assert method == "HEAD" or response.json() == {"error": "method not allowed"}
    assert kv.calls == []


@each_host
def test_responses_are_complete_for_many_clients_at_once(function):
    def visit(number):
        headers = {"X-Session-ID": f"client-{number}-{uuid.uuid4().hex}"}
        return [function.request("GET", headers=headers).json()["views"] for _ in range(5)]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(visit, range(32))) == [[0, 1, 2, 3, 4]] * 32


@pytest.mark.parametrize("host", LANGUAGES)
def test_fresh_ids_have_128_random_bits(function):
    ids = [function.request("POST").headers["x-session-id"] for _ in range(50)]
    assert len(set(ids)) == 50
    for session_id in ids:
        bits = 4 if re.fullmatch("[0-9a-f]+", session_id) else 6
        assert len(session_id) * bits >= 128
    # No character is the same in all of them, as it would be in a counter or a clock.
    assert all(len(set(column)) > 1 for column in zip(*ids, strict=True))


@pytest.mark.parametrize("host", LANGUAGES)
def test_session_that_outgrows_the_store_is_503_and_not_stored(function, ask, kv, session_id):
    spelling = 200  # bytes of the envelope around it, and of what languages put between
    for size, status in ((2**20 - spelling, 200), (2**20, 503)):
        kv.put(f"session/{session_id}", json.dumps({"views": 1, "a": "x" * (size - 20)}))
        before = kv.get(f"session/{session_id}")
        mark = len(function.log())
        kv.calls.clear()
        response = ask()
        assert response.status_code == status
        assert kv.calls == ["GET", "PUT"]
    assert response.headers["retry-after"] == "1"
    assert function.logged_since(mark).endswith("kv PUT session: 413\n")
    assert kv.get(f"session/{session_id}") == before
