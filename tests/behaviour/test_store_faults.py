"""A store that fails, in every way that one can: the named answer, one log line, and life goes on.

The hosts are those that differ in how a function makes its calls.
"""

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.gate import GARBAGE, HALF, HUGE, answer, only
from tests.behaviour.hosts import CLIENTS
from tests.behaviour.store import API_KEY
from tests.behaviour.visits import Visitor, is_error

pytestmark = pytest.mark.parametrize("host", CLIENTS)

#: What the store does, how often it is asked then, and the reason that the log gives.
_FAULTS = [
    pytest.param(fault, requests, reason, id=name)
    for name, fault, requests, reason in [
        ("cut", b"", 2, "connection failed"),
        ("garbage", GARBAGE, 2, "connection failed"),
        ("half", HALF, 2, "connection failed"),
        ("500", answer(500), 2, "500"),
        ("503", answer(503), 2, "503"),
        ("huge", HUGE, 1, "answer too large"),
        ("302", answer(302, b"", "Location: /elsewhere"), 1, "302"),
        ("400", answer(400), 1, "400"),
        ("401", answer(401), 1, "401, check the configuration"),
        ("409", answer(409), 1, "409, check the configuration"),
        ("413", answer(413), 1, "413"),
        ("422", answer(422), 1, "422"),
        ("429", answer(429, b""), 1, "429"),
    ]
]
_ON_WRITING = [
    *_FAULTS,
    pytest.param(answer(404), 1, "404, check the configuration", id="404"),
]


@pytest.fixture
def visitor(start, kv, pattern, host):
    return Visitor(start(pattern, host), pattern, kv)


def _is_answered_without_reading(visitor, response):
    if visitor.pattern == "session":
        assert is_error(response, 503, "key-value store unavailable", **{"retry-after": "1"})
    if visitor.pattern == "cache":
        assert (response.status_code, response.content) == (200, b"hello")
        assert response.headers["x-cache"] == "BYPASS"
    if visitor.pattern == "flag":
        assert (response.status_code, response.headers["x-flag"]) == (200, "new-ui=off")
    return True


def _is_answered_without_writing(visitor, response):
    if visitor.pattern == "session":
        return _is_answered_without_reading(visitor, response)
    assert (response.content, response.headers["x-cache"]) == (b"hello", "MISS")
    return True


def _asked_as_often(visitor, gate, requests, fault):
    if fault in (b"", GARBAGE) and visitor.function.language == "go":
        # Its transport by itself asks anew where a connection that it had kept is closed.
        return gate.hits >= requests
    return gate.hits == requests


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("fault", "requests", "reason"), _FAULTS)
def test_failing_read_has_the_named_answer_and_one_log_line(visitor, kv, fault, requests, reason):
    assert visitor.is_served()
    before, mark = kv.get(visitor.key), len(visitor.function.log())
    with kv.failing(fault) as gate:
        assert _is_answered_without_reading(visitor, visitor.send())
        assert _asked_as_often(visitor, gate, requests, fault)
    line = f"kv GET {visitor.pattern}: {reason}\n"
    assert visitor.function.logged_since(mark).endswith(line)
    assert visitor.function.logged_since(mark).count("\n") == 1
    assert kv.get(visitor.key) == before
    assert visitor.is_served()


@pytest.mark.parametrize("pattern", ["session", "cache"])
@pytest.mark.parametrize(("fault", "requests", "reason"), _ON_WRITING)
def test_failing_write_has_the_named_answer_and_one_log_line(visitor, kv, fault, requests, reason):
    mark = len(visitor.function.log())
    with kv.failing(only("PUT", fault)) as gate:
        assert _is_answered_without_writing(visitor, visitor.send())
        assert _asked_as_often(visitor, gate, 1 + requests, fault)
    line = f"kv PUT {visitor.pattern}: {reason}\n"
    assert visitor.function.logged_since(mark).endswith(line)
    assert visitor.function.logged_since(mark).count("\n") == 1
    assert kv.get(visitor.key) is None
    assert visitor.is_served()


@pytest.mark.parametrize("pattern", ["session"])
@pytest.mark.parametrize(("fault", "requests", "reason"), _ON_WRITING)
def test_failing_delete_is_503_and_one_log_line(visitor, kv, fault, requests, reason):
    assert visitor.is_served()
    mark = len(visitor.function.log())
    with kv.failing(fault) as gate:
        assert _is_answered_without_reading(visitor, visitor.send("DELETE"))
        assert _asked_as_often(visitor, gate, requests, fault)
    assert visitor.function.logged_since(mark).endswith(f"kv DELETE session: {reason}\n")
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


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(
    "fault",
    [b"", GARBAGE, HALF, answer(500), answer(503)],
    ids=["cut", "bad", "half", "500", "503"],
)
def test_one_failure_is_retried_and_not_mentioned(visitor, kv, fault):
    assert visitor.is_served()
    mark = len(visitor.function.log())
    with kv.failing(fault, times=1):
        assert visitor.is_served()
    if visitor.pattern == "cache":
        assert visitor.send().headers["x-cache"] == "HIT"
    assert visitor.function.logged_since(mark) == ""


@pytest.mark.parametrize("pattern", PATTERNS)
def test_store_that_refuses_connections(fresh, kv, origin, pattern, host):
    origin.reset()
    with fresh(pattern, host, TELNYX_BASE_URL="http://127.0.0.1:9") as function:
        visitor = Visitor(function, pattern, kv)
        for _ in range(2):
            mark = len(function.log())
            assert _is_answered_without_reading(visitor, visitor.send())
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
