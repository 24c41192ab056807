"""What concurrent requests for one key share, and what they do not."""

import concurrent.futures
import uuid

import pytest

from tests.behaviour.gate import HALF, Cut, answer
from tests.behaviour.hosts import CLIENTS
from tests.behaviour.origin import reply
from tests.behaviour.visits import is_error

pytestmark = pytest.mark.parametrize("host", CLIENTS)

_CROWD = 10


@pytest.fixture
def function(start, host):
    return start("cache", host)


@pytest.fixture
def path():
    return f"/test/{uuid.uuid4().hex}"


@pytest.fixture
def crowd(function, kv, origin, path):
    """Send requests at once; the origin answers when all have reached the function."""

    def sent(method="GET"):
        origin.hold()
        kv.calls.clear()
        function.hang_up()
        with concurrent.futures.ThreadPoolExecutor(_CROWD) as pool:
            asking = [pool.submit(function.fresh_request, method, path) for _ in range(_CROWD)]
            function.wait_for_connections(_CROWD)
            origin.release()
            return [future.result() for future in asking]

    return sent


# Of the third each byte is four once it is quoted twice; the last is a third longer in base64.
@pytest.mark.parametrize(
    "answered",
    [
        reply(b"x", "Cache-Control: private"),
        reply(b"x", "Set-Cookie: a=1"),
        reply(b"not found", status=404),
        reply(b"x" * 2**20),
        reply(b'"' * (600 * 2**10)),
        reply(b"\xff" * (800 * 2**10)),
    ],
    ids=["private", "cookie", "404", "long", "quotes", "binary"],
)
def test_response_that_may_not_be_stored_is_not_shared_and_costs_one_read(
    function, kv, origin, path, crowd, answered
):
    origin.reply = answered
    mark = len(function.log())
    responses = crowd()
    assert {response.headers["x-cache"] for response in responses} == {"MISS"}
    body = answered.partition(b"\r\n\r\n")[2]
    assert all(response.content == body for response in responses)
    assert len(origin.asked) == _CROWD
    assert kv.calls == ["GET"]
    assert kv.get(f"cache/api{path}") is None
    assert function.logged_since(mark) == ""


def test_failing_read_is_one_and_each_asks_the_origin_for_itself(kv, origin, path, crowd):
    with kv.failing(answer(401)) as gate:
        responses = crowd()
        assert gate.hits == 1
    assert {response.headers["x-cache"] for response in responses} == {"BYPASS"}
    assert kv.get(f"cache/api{path}") is None


def test_failing_origin_fails_all_who_wait(origin, crowd):
    origin.reply = Cut(HALF)
    for response in crowd():
        assert is_error(response, 502, "origin unreachable")
    assert len(origin.asked) <= 2  # once, and a client may try once more by itself


def test_head_shares_with_get(function, kv, origin, path, crowd):
    assert {response.content for response in crowd("HEAD")} == {b""}
    assert len(origin.asked) == 1
    assert kv.calls.count("PUT") == 1
    assert function.request("GET", path).headers["x-cache"] == "HIT"
