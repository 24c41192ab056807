"""For how long a response is fresh: RFC 9111 (HTTP caching) and RFC 9213 (CDN-Cache-Control).

Each case is named after the section that it is about. What the origin sets cannot be longer than
the TTL of the function, which is 300 seconds here. Where the standards leave a choice, or a value
is odd, whatever is on the safe side passes.
"""

import email.utils
import json
import time
import uuid

import pytest

from tests.behaviour.hosts import CLIENTS
from tests.behaviour.origin import reply

pytestmark = pytest.mark.parametrize("host", CLIENTS)

_TTL = 300  # seconds


class _AtMost(int):
    """A lifetime that may be shorter, or none at all."""

    def __repr__(self):
        return f"at most {int(self)}"


def _date(seconds):
    """Return an HTTP date so many seconds from now."""
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def _control(value):
    return [f"Cache-Control: {value}"]


def _targeted(value, *more):
    return [f"CDN-Cache-Control: {value}", *more]


def _dated(expires, *more):
    """Return headers of a response made now; made when asked, as the suite may run for minutes."""
    return lambda: [f"Expires: {_date(expires)}", f"Date: {_date(0)}", *more]


#: Response headers, as lines, or a function that makes them -> seconds, or None for not stored.
_LIFETIMES = {
    # The origin says nothing: the function's TTL.
    "9111-4.2.2 nothing": ([], _TTL),
    "9111-4.2.2 last-modified": (["Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT"], _TTL),
    "9111-5.2.2.9 public": (_control("public"), _TTL),
    "9111-5.2.2.2 must-revalidate": (_control("must-revalidate"), _TTL),
    "9111-5.2.2.6 no-transform": (_control("no-transform"), _TTL),
    "9111-5.2.3 extension": (_control('community="UCI", immutable, x=1'), _TTL),
    "9111-5.2 empty": (_control(""), _TTL),
    # max-age
    "9111-5.2.2.1 max-age": (_control("max-age=60"), 60),
    "9111-5.2.2.1 among others": (_control("public, max-age=60, immutable"), 60),
    "9111-5.2.2.1 longer than the TTL": (_control("max-age=9999"), _TTL),
    "9111-5.2 any case": (_control("Public, MAX-AGE=60"), 60),
    "9111-5.2 no spaces": (_control("public,max-age=60,x"), 60),
    "9111-5.2 empty members": (_control(", ,max-age=60,,"), 60),
    "9111-5.2 two lines": ([*_control("public"), *_control("max-age=60")], 60),
    "9111-5.2 quoted": (_control('max-age="60"'), 60),
    "9111-1.2.2 overflow": (_control("max-age=99999999999999999999999999"), _TTL),
    "9111-5.2.2.1 zero": (_control("max-age=0"), None),
    "9111-5.2.2.1 negative": (_control("max-age=-1"), None),
    "9111-5.2.2.1 word": (_control("max-age=soon"), None),
    "9111-5.2.2.1 fraction": (_control("max-age=1.5"), None),
    "9111-5.2.2.1 exponent": (_control("max-age=1e9"), None),
    "9111-5.2.2.1 hexadecimal": (_control("max-age=0x60"), None),
    "9111-5.2.2.1 plus": (_control("max-age=+60"), None),
    "9111-5.2.2.1 unit": (_control("max-age=60s"), None),
    "9111-5.2.2.1 no value": (_control("max-age"), None),
    "9111-5.2.2.1 empty value": (_control("max-age="), None),
    "9111-5.2.2.1 empty quotes": (_control('max-age=""'), None),
    "9111-5.2.2.1 half quoted": (_control('max-age="60'), _AtMost(60)),
    "9111-5.2.2.1 spaces around": (_control("max-age = 60"), _AtMost(60)),
    "9111-5.2.2.1 semicolon": (_control("max-age=60; public"), _AtMost(60)),
    "9111-5.2.2.1 longer name": (_control("x-max-age=5, max-age=60"), _AtMost(60)),
    "9111-4.2.1 zero first": (_control("max-age=0, max-age=60"), None),
    "9111-4.2.1 zero first, in lines": ([*_control("max-age=0"), *_control("max-age=60")], None),
    "9111-4.2.1 zero last": (_control("max-age=60, max-age=0"), None),
    "9111-4.2.1 smaller first": (_control("max-age=5, max-age=60"), 5),
    "9111-4.2.1 larger first": (_control("max-age=60, max-age=5"), 5),
    "9111-4.2.1 larger first, in lines": ([*_control("max-age=60"), *_control("max-age=5")], 5),
    "9111-5.2 in a quoted string": (_control('x="max-age=60", max-age=5'), 5),
    "9111-5.2 in a quoted string, last": (_control('max-age=5, x="max-age=60"'), 5),
    # s-maxage
    "9111-5.2.2.10 before max-age": (_control("s-maxage=10, max-age=60"), 10),
    "9111-5.2.2.10 after max-age": (_control("max-age=60, S-MaxAge=10"), 10),
    "9111-5.2.2.10 longer than max-age": (_control("max-age=0, s-maxage=60"), 60),
    "9111-5.2.2.10 zero": (_control("s-maxage=0, max-age=60"), None),
    "9111-5.2.2.10 word": (_control("s-maxage=x, max-age=60"), None),
    "9111-5.2.2.10 over expires": (_dated(-60, "Cache-Control: s-maxage=60"), 60),
    # no-store, no-cache, private
    "9111-5.2.2.5 no-store": (_control("no-store"), None),
    "9111-5.2.2.5 upper case": (_control("NO-STORE"), None),
    "9111-5.2.2.5 mixed case": (_control("max-age=60, No-Store"), None),
    "9111-5.2.2.5 first": (_control("no-store, max-age=60"), None),
    "9111-5.2.2.5 second line": ([*_control("max-age=60"), *_control("no-store")], None),
    "9111-5.2.2.5 quoted": (_control('"no-store"'), None),
    "9111-5.2.2.5 apostrophes": (_control("'no-store'"), None),
    "9111-5.2.2.5 with a value": (_control("no-store=1, max-age=60"), None),
    "9111-5.2.2.5 by a space": (_control("max-age=60 no-store"), None),
    "9111-5.2.2.5 by a tab": (_control("max-age=60\tno-store"), None),
    "9111-5.2.2.5 by a semicolon": (_control("no-cache; no-store"), None),
    "9111-5.2.2.5 NEL behind it": (_control("no-store\x85"), None),
    "9111-5.2.2.5 no-break space behind it": (_control("max-age=60,\xa0no-store\xa0"), None),
    "9111-5.2.2.5 another byte behind it": (_control("no-store\xff"), None),
    "9111-5.2.2.5 vertical tab behind it": (_control("no-store\x0b"), None),
    "9111-5.2.2.5 NUL behind it": (_control("no-store\x00"), None),
    "9111-5.2.2.5 comma behind it": (_control("no-store,"), None),
    "9111-5.2.2.5 in an open quote": (_control('x="max-age=60, no-store'), None),
    "9111-5.2.2.3 must-understand": (_control("must-understand, no-store"), None),
    "9111-5.2.2.4 no-cache": (_control("no-cache"), None),
    "9111-5.2.2.4 fields": (_control('max-age=60, no-cache="set-cookie"'), None),
    "9111-5.2.2.4 several fields": (_control('max-age=60, No-Cache="a, b"'), None),
    "9111-5.2.2.7 private": (_control("private"), None),
    "9111-5.2.2.7 semicolon": (_control("private; max-age=60"), None),
    "9111-5.2.2.7 fields": (_control('private="x", max-age=60'), None),
    "9111-5.2.2.7 s-maxage": (_control("private, s-maxage=60"), None),
    "9111-5.2.2.7 empty value": (_control("Private=, max-age=60"), None),
    # Expires
    "9111-5.3 in a minute": (_dated(60), 60),
    "9111-5.3 in an hour": (_dated(3600), _TTL),
    "9111-5.3 in two seconds": (_dated(2), 2),
    "9111-5.3 now": (_dated(0), None),
    "9111-5.3 a minute ago": (_dated(-60), None),
    "9111-5.3 without a date": (lambda: [f"Expires: {_date(60)}"], 60),
    "9111-5.3 in two seconds, without a date": (lambda: [f"Expires: {_date(2)}"], 2),
    "9111-5.3 a minute ago, without a date": (lambda: [f"Expires: {_date(-60)}"], None),
    "9111-5.3 date that is none": (lambda: [f"Expires: {_date(60)}", "Date: now"], _AtMost(60)),
    "9111-5.3 zero": (["Expires: 0"], None),
    "9111-5.3 minus one": (["Expires: -1"], None),
    "9111-5.3 1970": (["Expires: Thu, 01 Jan 1970 00:00:00 GMT"], None),
    "9111-5.3 empty": (["Expires:"], None),
    "9111-5.3 word": (["Expires: never"], None),
    "9111-5.3 number": (["Expires: 4102444800"], None),
    "9111-5.3 ISO date": (["Expires: 2099-01-01T00:00:00Z"], None),
    "9111-5.3 a year": (["Expires: 2099"], None),
    "9111-5.3 zero before a date": (lambda: ["Expires: 0", f"Expires: {_date(60)}"], None),
    "9111-5.3 max-age goes before": (_dated(-60, "Cache-Control: max-age=60"), 60),
    "9111-5.3 max-age=0 goes before": (_dated(60, "Cache-Control: max-age=0"), None),
    "9111-5.3 other directives do not": (["Expires: 0", *_control("public")], None),
    # Age
    "9111-5.1 age": (["Age: 100", *_control("max-age=120")], 20),
    "9111-5.1 as old as it may be": (["Age: 120", *_control("max-age=120")], None),
    "9111-5.1 older": (["Age: 121", *_control("max-age=120")], None),
    "9111-5.1 of a long lifetime": (["Age: 100", *_control("max-age=9999")], _TTL),
    "9111-5.1 against the TTL": (["Age: 100"], 200),
    "9111-5.1 older than the TTL": (["Age: 300"], None),
    "9111-5.1 with expires": (_dated(60, "Age: 20"), 40),
    "9111-5.1 zero": (["Age: 0", *_control("max-age=60")], 60),
    "9111-5.1 overflow": (["Age: 99999999999999999999999999"], None),
    "9111-5.1 word": (["Age: old", *_control("max-age=60")], None),
    "9111-5.1 negative": (["Age: -100", *_control("max-age=60")], None),
    "9111-5.1 fraction": (["Age: 1.5", *_control("max-age=60")], None),
    "9111-5.1 parameter": (["Age: 20;x=1", *_control("max-age=60")], None),
    "9111-5.1 list": (["Age: 20, 10", *_control("max-age=60")], None),
    "9111-5.1 two lines": (["Age: 20", "Age: 10", *_control("max-age=60")], None),
    # Pragma
    "9111-5.4 no-cache": (["Pragma: no-cache"], None),
    "9111-5.4 upper case": (["Pragma: NO-CACHE"], None),
    "9111-5.4 expires": (_dated(60, "Pragma: no-cache"), None),
    "9111-5.4 second line": (["Pragma: x", "Pragma: no-cache"], None),
    "9111-5.4 beside cache-control": (["Pragma: no-cache", *_control("max-age=60")], 60),
    "9111-5.4 something else": (["Pragma: x"], _TTL),
    # Vary
    "9111-4.1 *": (["Vary: *"], None),
    "9111-4.1 * among names": (["Vary: Accept, *"], None),
    "9111-4.1 * in a second line": (["Vary: Accept", "Vary:  * "], None),
    "9111-4.1 NEL behind *": (["Vary: *\x85"], None),
    "9111-4.1 names": (["Vary: Accept, Origin"], _TTL),
    # Connection names fields, which count all the same
    "9110-7.6.1 cache-control": (["Connection: cache-control", *_control("no-store")], None),
    "9110-7.6.1 max-age": (["Connection: Cache-Control", *_control("max-age=60")], 60),
    "9110-7.6.1 expires": (["Connection: close, Expires", "Expires: 0"], None),
    "9110-7.6.1 vary": (["Connection: vary", "Vary: *"], None),
    "9110-7.6.1 age": (["Connection: age", "Age: 100", *_control("max-age=120")], 20),
    "9110-7.6.1 set-cookie": (["Connection: set-cookie", "Set-Cookie: a=1"], None),
    "9110-7.6.1 cdn-cache-control": (
        ["Connection: CDN-Cache-Control", *_targeted("no-store", *_control("max-age=60"))],
        None,
    ),
    # Other fields that forbid it
    "9111-7.3 set-cookie": (["Set-Cookie: a=1", *_control("max-age=60")], None),
    "9110-8.4 content-encoding": (["Content-Encoding: x-own", *_control("max-age=60")], None),
    # CDN-Cache-Control
    "9213-3.1 max-age": (_targeted("max-age=60"), 60),
    "9213-3.1 longer than the TTL": (_targeted("max-age=9999"), _TTL),
    "9213-3.1 zero": (_targeted("max-age=0", *_control("max-age=60")), None),
    "9213-3.1 no-store": (_targeted("no-store"), None),
    "9213-3.1 no-store over max-age": (_targeted("no-store", *_control("max-age=60")), None),
    "9213-3.1 no-cache": (_targeted("no-cache", *_control("max-age=60")), None),
    "9213-3.1 private": (_targeted("private", *_control("max-age=60")), None),
    "9213-3.1 no-store beside max-age": (_targeted("max-age=60, no-store"), None),
    "9213-2.2 s-maxage": (_targeted("max-age=60, s-maxage=10"), 10),
    "9213-2.2 over a longer max-age": (_targeted("max-age=60", *_control("max-age=200")), 60),
    "9213-2.2 over a shorter max-age": (_targeted("max-age=60", *_control("max-age=5")), 60),
    "9213-2.2 over no-store": (_targeted("max-age=60", *_control("no-store")), 60),
    "9213-2.2 over private": (_targeted("max-age=60", *_control("private, no-cache")), 60),
    "9213-2.2 over expires": (_targeted("max-age=60", "Expires: 0"), 60),
    "9213-2.2 no lifetime, over expires": (_targeted("public", "Expires: 0"), _TTL),
    "9213-2.2 no lifetime, over max-age": (_targeted("public", *_control("max-age=5")), _TTL),
    "9213-2.2 age": (_targeted("max-age=120", "Age: 100"), 20),
    "9213-2.2 two lines": (["CDN-Cache-Control: public", *_targeted("max-age=60")], 60),
    "9213-2.2 the last of two": (_targeted("max-age=5, max-age=60"), _AtMost(60)),
    "9213-2.1 word": (_targeted("max-age=soon", *_control("max-age=60")), None),
    "9213-2.1 negative": (_targeted("max-age=-1", *_control("max-age=60")), None),
    "9213-2.1 fraction": (_targeted("max-age=1.5", *_control("max-age=60")), None),
    "9213-2.1 no value": (_targeted("max-age", *_control("max-age=60")), None),
    "9213-2.1 empty value": (_targeted("max-age=", *_control("max-age=60")), None),
    "9213-2.1 no comma": (_targeted("max-age=60 public", *_control("max-age=60")), None),
    "9213-2.1 comma at the end": (_targeted("max-age=60,", *_control("max-age=60")), None),
    "9213-2.1 semicolon": (_targeted("max-age=60;;", *_control("max-age=60")), None),
    "9213-2.1 open quote": (_targeted('max-age=60, x="', *_control("max-age=60")), None),
    "9213-2.1 no name": (_targeted("=60", *_control("max-age=60")), None),
    "9213-2.1 odd byte": (_targeted("max-age=60\x85", *_control("max-age=60")), None),
    "9213-2.1 no-store in a malformed one": (_targeted("no-store;;, x=", *_control("x")), None),
    "9213-2.1 upper case": (_targeted("MAX-AGE=60"), _AtMost(60)),
    "9213-2.1 NO-STORE": (_targeted("NO-STORE", *_control("max-age=60")), None),
    "9213-2.1 quoted": (_targeted('max-age="60"', *_control("max-age=60")), None),
    "9213-2.1 quoted s-maxage": (_targeted('s-maxage="60"', *_control("max-age=60")), None),
    "9213-2.1 quoted text": (_targeted('max-age=60, x="age=1"'), _AtMost(60)),
    "9213-2.1 parameter": (_targeted("max-age=60;ext=1"), _AtMost(60)),
}


@pytest.fixture
def function(start, host):
    return start("cache", host)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


def _stored(kv, path):
    raw = kv.get(f"cache/api{path}")
    return None if raw is None else json.loads(raw)


@pytest.mark.parametrize(("headers", "lifetime"), _LIFETIMES.values(), ids=_LIFETIMES)
def test_lifetime(function, kv, origin, path, headers, lifetime):
    origin.reply = reply(b"hello", *(headers() if callable(headers) else headers))
    before = time.time() * 1000
    response = function.request("GET", path)
    after = time.time() * 1000
    # A control character is no header at all for some clients, and the whole is a 502.
    assert response.status_code in (200, 502)
    envelope = _stored(kv, path)
    if lifetime is None:
        assert envelope is None
        assert function.request("GET", path).headers.get("x-cache") != "HIT"
    elif envelope is None:
        assert isinstance(lifetime, _AtMost)
    else:
        seconds = (envelope["expires_at"] - after) / 1000, (envelope["expires_at"] - before) / 1000
        # A date has whole seconds, of which the present one may be over.
        assert seconds[0] <= lifetime
        assert isinstance(lifetime, _AtMost) or seconds[1] >= lifetime - 1.1
        if "Expires" not in str(headers) and not callable(headers) and type(lifetime) is int:
            assert seconds[1] >= lifetime - 0.01
        assert function.request("GET", path).headers["x-cache"] == "HIT"


def test_age_counts_on_from_the_one_that_came_9111_5_1(function, kv, origin, path):
    origin.reply = reply(b"hello", "Age: 100", "Cache-Control: max-age=120")
    before = time.time() * 1000
    miss = function.request("GET", path)
    assert (miss.headers["x-cache"], miss.headers["age"]) == ("MISS", "100")
    entry = json.loads(_stored(kv, path)["value"])
    assert before - 100_100 <= entry["stored_at"] <= time.time() * 1000 - 99_000
    assert [name for name, _ in entry["headers"]] == ["cache-control"]
    hit = function.request("GET", path)
    assert hit.headers["x-cache"] == "HIT"
    assert 100 <= int(hit.headers["age"]) <= 103


def test_response_is_not_served_beyond_its_lifetime_9111_4_2(function, origin, path):
    origin.reply = reply(b"hello", "Cache-Control: max-age=1")
    verdicts = [function.request("GET", path).headers["x-cache"] for _ in range(2)]
    assert verdicts == ["MISS", "HIT"]
    deadline = time.monotonic() + 5
    while function.request("GET", path).headers["x-cache"] == "HIT":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(origin.asked) == 2


def test_fields_are_passed_on_but_for_those_of_the_connection_9110_7_6_1(function, origin, path):
    passed = {
        "cache-control": "max-age=60",
        "expires": "Thu, 01 Jan 1970 00:00:00 GMT",
        "cdn-cache-control": "max-age=30",
        "pragma": "no-cache",
        "vary": "Accept",
        "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT",
    }
    lines = [f"{name}: {value}" for name, value in passed.items()]
    origin.reply = reply(b"hello", *lines, "Connection: X-Hop", "X-Hop: 1")
    for verdict in ("MISS", "HIT"):
        headers = function.request("GET", path).headers
        assert headers["x-cache"] == verdict
        assert {name: headers.get(name) for name in passed} == passed
        assert "x-hop" not in headers
