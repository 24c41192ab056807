"""Servers that never respond: all at once, so that the tests wait for the deadlines only once."""

import concurrent.futures
import itertools
import re
import time
import uuid

import pytest

from tests.behaviour.gate import DRIPPING, HANG, STALLED, Stall, answer
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import STORES
from tests.behaviour.visits import is_error

pytestmark = pytest.mark.parametrize("host", STORES)

_TOO_LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"  # and the connection stays open
_WAYS = {"hang": HANG, "stalled": STALLED, "dripping": DRIPPING}


class _Slow:
    """A fault that goes by the way that is named in the key, and fails before where it says so."""

    def __init__(self) -> None:
        self._failed: set[bytes] = set()

    def __call__(self, request: bytes):
        way = re.search(rb"(put|any)-(failed-)?(hang|stalled|dripping)-\w+", request)
        if b"/keys/flag" in request:
            return HANG
        if not way or (way[1] == b"put" and not request.startswith(b"PUT")):
            return None
        if way[2] and way[0] not in self._failed:
            self._failed.add(way[0])
            return answer(500)
        return _WAYS[way[3].decode()]


def _timed(request, *arguments, **options):
    began = time.monotonic()
    return request(*arguments, **options), time.monotonic() - began


#: Seconds after which a request is answered, at least: deadlines are behaviour, and no measure of
#: speed. At most is the limit where there is one.
_DEADLINES = {"session": (4.5, 9), "delete": (4.5, 9), "flag": (4.5, 9), "cache": (1.8, 4.5)}
_ORIGINS = (9.5, 20)


def test_store_or_origin_that_never_answers_has_the_named_response_at_its_deadline(
    start, kv, origin, host
):
    session, cache, flag = (start(pattern, host) for pattern in ("session", "cache", "flag"))
    functions = (session, cache, flag)
    for function in functions:
        assert function.request("GET", "/health").status_code == 200
    marks = {function.port: len(function.log()) for function in functions}
    origin.reset()
    origin.reply = _slow_origin
    kv.put("flag/new-ui", "true")
    asked = {}
    with kv.failing(_Slow()), concurrent.futures.ThreadPoolExecutor(40) as pool:

        def ask(name, function, method, path="/", **options):
            asked[name] = pool.submit(_timed, function.fresh_request, method, path, **options)

        for where, way in itertools.product(("any", "put"), _WAYS):
            name = f"{where}-{way}-{uuid.uuid4().hex}"
            ask(f"cache {name}", cache, "GET", f"/{name}")
            for before in ("", "failed-"):
                name = f"{where}-{before}{way}-{uuid.uuid4().hex}"
                ask(f"session {name}", session, "GET", headers={"X-Session-ID": name})
        for way in _WAYS:
            name = f"any-{way}-{uuid.uuid4().hex}"
            ask(f"delete {name}", session, "DELETE", headers={"X-Session-ID": name})
        ask("flag", flag, "GET")
        for way in (*_WAYS, "lying"):
            ask(f"origin {way}", cache, "GET", f"/origin-{way}-{uuid.uuid4().hex}")
        shared = f"/origin-hang-{uuid.uuid4().hex}"
        for number in range(2):
            ask(f"origin shared {number}", cache, "GET", shared)
        answers = {name: future.result() for name, future in asked.items()}

    for name, (response, seconds) in answers.items():
        kind = name.split()[0]
        at_least, at_most = _DEADLINES.get(kind, _ORIGINS)
        assert at_least < seconds < at_most, name
        if kind in ("session", "delete"):
            unavailable = {"retry-after": "1"}
            assert is_error(response, 503, "key-value store unavailable", **unavailable), name
        elif kind == "origin":
            assert is_error(response, 504, "origin timed out"), name
        elif kind == "cache":
            assert response.content == b"hello", name
            verdict = "BYPASS" if "any-" in name else "MISS"
            assert response.headers["x-cache"] == verdict, name
        else:
            assert (response.status_code, response.headers["x-flag"]) == (200, "new-ui=off")

    logged = [function.logged_since(marks[function.port]) for function in functions]
    assert logged[0].count("kv GET session: timed out\n") == 6
    assert logged[0].count("kv PUT session: timed out\n") == 6
    assert logged[0].count("kv DELETE session: timed out\n") == 3
    assert logged[1].count("kv GET cache: timed out\n") == 3
    assert logged[1].count("kv PUT cache: timed out\n") == 3
    assert logged[2].count("kv GET flag: timed out\n") == 1
    assert [log.count("\n") for log in logged] == [15, 6, 1]

    origin.reset()
    assert flag.request("GET").headers["x-flag"] == "new-ui=on"
    assert session.request("POST").status_code == 201
    assert cache.request("GET", shared).headers["x-cache"] == "MISS"
    # What gave no answer in time is hung up on, not left open until the end of days.
    wait_until(lambda: not kv.gate.stalled, "connections to the store are still open")


def test_hung_store_costs_a_crowd_one_read_of_two_seconds(start, kv, origin, host):
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    with kv.failing(HANG) as gate, concurrent.futures.ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(_timed, function.fresh_request, "GET", path) for _ in range(10)]
        for future in asked:
            response, seconds = future.result()
            assert (response.text, response.headers["x-cache"]) == ("hello", "BYPASS")
            assert seconds < 4
        assert gate.hits == 1
    assert kv.get(f"cache/api{path}") is None


def test_hung_store_delays_each_of_many_keys_by_two_seconds(start, kv, host):
    function = start("cache", host)
    with kv.failing(HANG), concurrent.futures.ThreadPoolExecutor(10) as pool:
        paths = [f"/test/{uuid.uuid4().hex}" for _ in range(10)]
        asked = [pool.submit(_timed, function.fresh_request, "GET", path) for path in paths]
        for future in asked:
            response, seconds = future.result()
            assert response.headers["x-cache"] == "BYPASS"
            assert seconds < 4


def _slow_origin(asked):
    if "/origin-lying" in asked.target:
        return Stall(_TOO_LONG)
    way = re.match("/origin-(hang|stalled|dripping)-", asked.target)
    return _WAYS[way[1]] if way else b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
