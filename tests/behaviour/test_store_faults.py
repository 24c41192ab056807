"""A store that fails, in every way that one can: the named response, and one log line.

The hosts are those that differ in how a function makes its calls.
"""

import concurrent.futures
import time

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.gate import GARBAGE, HALF, HANG, HUGE, answer, only
from tests.behaviour.hosting import wait_until
from tests.behaviour.hosts import STORES
from tests.behaviour.store import API_KEY
from tests.behaviour.visits import Visitor, is_error

pytestmark = pytest.mark.parametrize("host", STORES)

#: What the store does, how often it is asked then, and the reason that the log gives.
FAULTS = [
    pytest.param(fault, requests, reason, id=name)
    for name, fault, requests, reason in [
        ("cut", b"", 2, "connection failed"),
        ("garbage", GARBAGE, 2, "connection failed"),
        ("half", HALF, 2, "connection failed"),
        ("500", answer(500), 2, "500"),
        ("503", answer(503), 2, "503"),
        ("huge", HUGE, 1, "response too large"),
        ("302", answer(302, b"", "Location: /elsewhere"), 1, "302"),
        ("400", answer(400), 1, "400"),
        ("401", answer(401), 1, "401"),
        ("409", answer(409), 1, "409"),
        ("413", answer(413), 1, "413"),
        ("422", answer(422), 1, "422"),
        ("429", answer(429, b""), 1, "429"),
    ]
]
_ON_WRITING = [*FAULTS, pytest.param(answer(404), 1, "404", id="404")]
#: Their HTTP clients by themselves ask once more if a connection that was kept is closed.
_ASKS_ANEW = ("go", "python")
_REMEDY = 'if the namespace has no TTL support set expiry = "envelope" in kvgen.toml'


@pytest.fixture
def visitor(start, kv, pattern, host):
    return Visitor(start(pattern, host), pattern, kv)


def _is_of_the_binding(visitor, fault):
    """What a response is, and how long, the binding alone sees: its callers get a text or none."""
    return visitor.function.host.name == "binding" and fault == HUGE


def _is_served_without_reading(visitor, response):
    if visitor.pattern == "session":
        assert is_error(response, 503, "key-value store unavailable", **{"retry-after": "1"})
    if visitor.pattern == "cache":
        assert (response.status_code, response.content) == (200, b"hello")
        assert response.headers["x-cache"] == "BYPASS"
    if visitor.pattern == "flag":
        assert (response.status_code, response.headers["x-flag"]) == (200, "new-ui=off")
    return True


def _is_served_without_writing(visitor, response):
    if visitor.pattern == "session":
        return _is_served_without_reading(visitor, response)
    assert (response.content, response.headers["x-cache"]) == (b"hello", "MISS")
    return True


def _asked_as_often(visitor, gate, requests, fault, on_reading=False):
    if visitor.pattern == "cache" and on_reading:
        requests = 1  # a cache does not wait for a second try
    if visitor.pattern == "cache" and not on_reading:
        return 2 <= gate.hits <= requests  # nor need it where it writes
    if fault in (b"", GARBAGE) and visitor.function.language in _ASKS_ANEW:
        return gate.hits >= requests
    return gate.hits == requests


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("fault", "requests", "reason"), FAULTS)
def test_failing_read_has_the_named_response_and_one_log_line(visitor, kv, fault, requests, reason):
    if _is_of_the_binding(visitor, fault):
        return
    assert visitor.is_served()
    before, mark = kv.get(visitor.key), len(visitor.function.log())
    with kv.failing(fault) as gate:
        assert _is_served_without_reading(visitor, visitor.send())
        assert _asked_as_often(visitor, gate, requests, fault, on_reading=True)
    assert visitor.function.logged_since(mark).endswith(f"kv GET {visitor.pattern}: {reason}\n")
    assert visitor.function.logged_since(mark).count("\n") == 1
    assert kv.get(visitor.key) == before
    assert visitor.is_served()


@pytest.mark.parametrize("pattern", ["session", "cache"])
@pytest.mark.parametrize(("fault", "requests", "reason"), _ON_WRITING)
def test_failing_write_has_the_named_response_and_one_log_line(
    visitor, kv, fault, requests, reason
):
    if _is_of_the_binding(visitor, fault):
        return
    mark = len(visitor.function.log())
    with kv.failing(only("PUT", fault)) as gate:
        assert _is_served_without_writing(visitor, visitor.send())
        assert _asked_as_often(visitor, gate, 1 + requests, fault)
    # The default mode writes with ttl_secs, which is the likeliest reason for a conflict.
    reason = f"409, {_REMEDY}" if reason.startswith("409") else reason
    assert visitor.function.logged_since(mark).endswith(f"kv PUT {visitor.pattern}: {reason}\n")
    assert visitor.function.logged_since(mark).count("\n") == 1
    assert kv.get(visitor.key) is None
    assert visitor.is_served()


@pytest.mark.parametrize("pattern", ["session"])
def test_conflict_has_the_remedy_only_where_ttl_secs_was_sent(start, kv, host, pattern):
    for expiry, reason in (("envelope", "409"), ("native", f"409, {_REMEDY}")):
        visitor = Visitor(start(pattern, host, expiry), pattern, kv)
        mark = len(visitor.function.log())
        with kv.failing(only("PUT", answer(409))):
            assert visitor.send().status_code == 503
        line = f"kv PUT session: {reason}\n"
        assert visitor.function.logged_since(mark).endswith(line)


@pytest.mark.parametrize("pattern", ["session"])
@pytest.mark.parametrize(("fault", "requests", "reason"), _ON_WRITING)
def test_failing_delete_is_503_and_one_log_line(visitor, kv, fault, requests, reason):
    if _is_of_the_binding(visitor, fault):
        return
    assert visitor.is_served()
    mark = len(visitor.function.log())
    with kv.failing(fault) as gate:
        assert _is_served_without_reading(visitor, visitor.send("DELETE"))
        assert _asked_as_often(visitor, gate, requests, fault)
    assert visitor.function.logged_since(mark).endswith(f"kv DELETE {visitor.pattern}: {reason}\n")
    assert visitor.send("DELETE").status_code == 204


@pytest.mark.parametrize("pattern", PATTERNS)
def test_missing_namespace_reads_as_a_missing_key(visitor, kv):
    """The store answers 404 to both; it is the write that tells the one from the other."""
    mark = len(visitor.function.log())
    with kv.failing(only("GET", answer(404))):
        response = visitor.send()
    assert response.status_code == 200
    if visitor.pattern == "cache":
        assert response.headers["x-cache"] == "MISS"
    if visitor.pattern == "flag":
        assert response.headers["x-flag"] == "new-ui=off"
    assert visitor.function.logged_since(mark) == ""


@pytest.mark.parametrize("pattern", ["session", "flag"])
@pytest.mark.parametrize(
    "fault",
    [b"", GARBAGE, HALF, answer(500), answer(503)],
    ids=["cut", "bad", "half", "500", "503"],
)
def test_one_failure_is_retried_a_tenth_of_a_second_later_and_not_mentioned(visitor, kv, fault):
    assert visitor.is_served()
    mark = len(visitor.function.log())
    with kv.failing(fault, times=1):
        began = time.monotonic()
        assert visitor.is_served()
        # Some clients by themselves ask anew at once; timers may be early by a hair.
        at_once = visitor.function.language in _ASKS_ANEW and fault in (b"", GARBAGE)
        assert at_once or time.monotonic() - began >= 0.099
    assert visitor.function.logged_since(mark) == ""


@pytest.mark.parametrize("pattern", PATTERNS)
def test_store_that_refuses_connections(fresh, kv, origin, pattern, host):
    origin.reset()
    with fresh(pattern, host, TELNYX_BASE_URL="http://127.0.0.1:9") as function:
        visitor = Visitor(function, pattern, kv)
        for _ in range(2):
            mark = len(function.log())
            assert _is_served_without_reading(visitor, visitor.send())
            assert function.logged_since(mark).endswith(f"GET {pattern}: connection failed\n")
        assert function.request("GET", "/health").status_code == 200


@pytest.mark.parametrize("pattern", PATTERNS)
def test_log_never_holds_an_id_a_value_or_the_key(visitor, kv):
    body = b'{"errors": [{"detail": "secret-value"}]}'
    for status in (400, 401, 404, 409, 500):
        with kv.failing(answer(status, body)):
            visitor.send("GET")
            visitor.send("DELETE")
    kv.put(visitor.key, "secret-value")
    visitor.send()
    for secret in (visitor.mark, "secret-value", API_KEY, kv.namespace_id):
        assert secret not in visitor.function.log()


@pytest.mark.parametrize("pattern", ["session"])
def test_second_try_does_not_prolong_the_deadline(visitor, kv):
    visitor.send()
    with kv.failing(HANG) as gate, concurrent.futures.ThreadPoolExecutor() as pool:
        began = time.monotonic()
        # Not a GET, which Go's client would by itself send once more over a new connection.
        response = pool.submit(visitor.send, "DELETE")
        wait_until(lambda: gate.hits == 1, "the KV was not asked")
        wait_until(lambda: time.monotonic() - began > 4, "time stands still")
        gate.fail(HANG)  # which cuts the connection, so that it is tried once more
        assert response.result().status_code == 503
    # Five seconds from the first try; it would be nine from the second.
    assert time.monotonic() - began < 8.5


@pytest.mark.parametrize("pattern", ["session"])
def test_error_with_a_body_is_read_and_the_next_call_is_answered(visitor, kv):
    with kv.failing(answer(400, b"x" * 2**20)):
        assert visitor.send().status_code == 503
    assert visitor.is_served()
