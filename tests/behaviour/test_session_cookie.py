"""Sessions of browsers: the id travels in a cookie that the function sets."""

import json
import re
import time
import uuid

import pytest

from tests.behaviour.conftest import each_host
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import is_error, own_headers

_SET = re.compile(
    r"sid=([A-Za-z0-9_-]{16,128}); Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax"
)
_CLEARED = "sid=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
_DAY = 86_400_000  # milliseconds; the default lifetime


@pytest.fixture
def function(start, host):
    return start("session", host, "both", "--cookie", "sid")


@pytest.fixture
def ask(function, kv):
    """Send a request with a Cookie header, or with several; the calls to the KV are counted."""

    def send(method="GET", *cookies, **options):
        kv.calls.clear()
        # A client that keeps cookies would send those of one test in another.
        function.client.cookies.clear()
        headers = [("Cookie", cookie) for cookie in cookies]
        return function.request(method, headers=headers, **options)

    return send


def _id(response):
    """Return the id that a response sets; it sets one, and with the attributes that it has to."""
    (cookie,) = response.headers.get_list("set-cookie")
    found = _SET.fullmatch(cookie)
    assert found, cookie
    return found[1]


@each_host
def test_visitor_without_a_cookie_gets_a_session_and_is_counted(ask, kv):
    before = int(time.time() * 1000)
    first = ask()
    session_id = _id(first)
    assert first.status_code == 200
    assert kv.calls == ["PUT"]
    assert own_headers(first) == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "set-cookie": first.headers["set-cookie"],
    }
    session = first.json()
    assert session.keys() == {"created", "views"}
    assert session["views"] == 0
    assert before - 1 <= session["created"] <= time.time() * 1000 + 1
    for views in (1, 2, 3):
        again = ask("POST" if views == 2 else "GET", f"sid={session_id}")
        assert (again.status_code, again.json()) == (200, session | {"views": views})
        assert _id(again) == session_id  # renewed with each response
        assert kv.calls == ["GET", "PUT"]
    stored = json.loads(kv.get(f"session/{session_id}"))
    assert json.loads(stored["value"]) == session | {"views": 3}
    assert before + _DAY - 1 <= stored["expires_at"] <= time.time() * 1000 + _DAY + 1


@each_host
def test_post_without_a_cookie_is_201_and_each_visitor_gets_an_id_of_its_own(ask, kv):
    created = [ask("POST") for _ in range(3)]
    assert [response.status_code for response in created] == [201] * 3
    assert len({_id(response) for response in created}) == 3
    assert kv.calls == ["PUT"]


@each_host
def test_id_that_the_store_does_not_know_is_replaced_and_never_adopted(ask, kv):
    planted = f"planted-{uuid.uuid4().hex}"
    for method, status in (("GET", 200), ("POST", 201)):
        response = ask(method, f"sid={planted}")
        assert kv.calls == ["GET", "PUT"]
        assert (response.status_code, response.json()["views"]) == (status, 0)
        assert _id(response) != planted
        assert kv.get(f"session/{planted}") is None


@each_host
def test_expired_session_is_replaced_too(ask, kv):
    old = f"old-{uuid.uuid4().hex}"
    past = int(time.time() * 1000) - 1
    kv.put(f"session/{old}", json.dumps({"value": '{"views": 7}', "expires_at": past}))
    response = ask("GET", f"sid={old}")
    assert response.json()["views"] == 0
    assert _id(response) != old


_OWN = "known-" + "x" * 20


@each_host
@pytest.mark.parametrize(
    "cookies",
    [
        [f"sid={_OWN}; sid={_OWN}"],
        [f"sid={_OWN}; sid=other-{'y' * 20}"],
        [f"sid={_OWN}; sid="],
        [f"sid={_OWN}", f"sid={_OWN}"],
        ["sid="],
        ["sid"],
        [f"SID={_OWN}"],
        [f"xsid={_OWN}"],
        [f"sid={_OWN}x/y"],
        [f'sid="{_OWN}"'],
        [f"sid={'x' * 15}"],
        [f"sid={'x' * 129}"],
        [f"other=sid={_OWN}"],
        [""],
    ],
    ids=lambda cookies: " + ".join(cookies)[:40],
)
def test_cookie_that_is_not_one_legal_id_counts_as_none(ask, kv, cookies):
    kv.put(f"session/{_OWN}", '{"views": 7}')
    response = ask("GET", *cookies)
    assert (response.status_code, response.json()["views"]) == (200, 0)
    assert kv.calls == ["PUT"]
    assert _id(response) != _OWN
    assert kv.get(f"session/{_OWN}") == b'{"views": 7}'


@each_host
@pytest.mark.parametrize(
    "cookies",
    [
        f"a=1; sid={_OWN}; b=2",
        f"sid={_OWN};b=2",
        f"a=sid;sid={_OWN}",
        f'theme="a; b"; sid={_OWN}',
        f"a=b=c;   sid={_OWN}  ;",
        f"sidx=1; sid={_OWN}; xsid=2; SID=3",
    ],
)
def test_session_is_found_among_other_cookies(ask, kv, cookies):
    kv.put(f"session/{_OWN}", '{"views": 7}')
    response = ask("GET", cookies)
    assert response.json()["views"] == 8
    assert _id(response) == _OWN


@each_host
def test_delete_removes_the_session_and_clears_the_cookie(ask, kv):
    session_id = _id(ask())
    response = ask("DELETE", f"sid={session_id}")
    assert kv.calls == ["DELETE"]
    assert kv.get(f"session/{session_id}") is None
    assert (response.status_code, response.content) == (204, b"")
    assert own_headers(response) == {"cache-control": "no-store", "set-cookie": _CLEARED}
    assert ask("GET", f"sid={session_id}").json()["views"] == 0


@each_host
@pytest.mark.parametrize("cookies", [[], ["sid=x"], [f"sid={_OWN}; sid={_OWN}"]])
def test_delete_without_a_session_clears_the_cookie_and_asks_nothing(ask, kv, cookies):
    response = ask("DELETE", *cookies)
    assert kv.calls == []
    assert (response.status_code, response.content) == (204, b"")
    assert own_headers(response) == {"cache-control": "no-store", "set-cookie": _CLEARED}


@each_host
@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "OPTIONS"])
def test_other_methods_are_refused_and_set_nothing(ask, kv, method):
    for cookies in ([], [f"sid={_OWN}"]):
        response = ask(method, *cookies)
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, POST, DELETE"
        assert "set-cookie" not in response.headers
        assert kv.calls == []


@pytest.mark.parametrize("host", LANGUAGES)
def test_failing_store_is_503_and_sets_nothing(ask, kv):
    kv.put(f"session/{_OWN}", '{"views": 7}')
    with kv.failing(b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n"):
        for method, cookies in (("GET", []), ("GET", [f"sid={_OWN}"]), ("DELETE", [f"sid={_OWN}"])):
            unavailable = ask(method, *cookies)
            message = "key-value store unavailable"
            assert is_error(unavailable, 503, message, **{"retry-after": "1"})


@pytest.mark.parametrize("host", LANGUAGES)
def test_name_and_lifetime_are_what_was_answered(fresh, kv, host):
    with fresh("session", host, "--cookie", "__Host-sid", "--ttl", "90s") as function:
        first = function.request("GET")
        cookie, *attributes = first.headers["set-cookie"].split("; ")
        name, _, session_id = cookie.partition("=")
        assert name == "__Host-sid"  # which browsers take with Secure, Path=/ and no Domain only
        assert attributes == ["Path=/", "Max-Age=90", "HttpOnly", "Secure", "SameSite=Lax"]
        headers = {"Cookie": f"sid=x; {cookie}"}
        function.client.cookies.clear()
        assert function.request("GET", headers=headers).json()["views"] == 1
        assert kv.get(f"session/{session_id}") is not None
