"""What concurrent requests for one key share, and what they do not."""

import concurrent.futures
import socket
import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES
from tests.behaviour.gate import Cut
from tests.behaviour.hosting import wait_until
from tests.behaviour.origin import reply

_each_host = pytest.mark.parametrize("host", [language.name for language in LANGUAGES])


# Of the second each byte is four once it is quoted twice.
@pytest.mark.parametrize("body", [b"x" * (2**20 + 1), b'"' * 2**19], ids=["long", "quotes"])
@_each_host
def test_answer_that_is_too_large_for_the_store_is_not_shared(start, origin, host, body):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    origin.reply = reply(body)
    origin.hold()
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(function.fresh_request, "GET", path) for _ in range(5)]
        function.wait_for_connections(5)
        origin.release()
        assert {future.result().headers["x-cache"] for future in asking} == {"MISS"}
    assert len(origin.asked) == 5


@_each_host
def test_load_goes_on_when_it_is_known_that_the_client_went_away(start, kv, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    origin.hold()
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: len(origin.asked) == 1, "the origin was not asked")
    for _ in range(50):  # by then the function has seen that the connection is closed
        assert function.fresh_request("GET", "/health").status_code == 200
    origin.release()
    wait_until(lambda: kv.get(f"cache/api{path}") is not None, "nothing was stored")
    assert len(origin.asked) == 1


@_each_host
def test_kept_connection_that_is_closed_at_its_next_use_is_replaced(start, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    answers = [reply(b"first"), Cut(b""), reply(b"again")]
    origin.reply = lambda _: answers.pop(0)
    assert function.request("GET", f"{path}/1").text == "first"
    response = function.request("GET", f"{path}/2")
    assert (response.status_code, response.text) == (200, "again")
