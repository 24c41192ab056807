"""What concurrent requests for one key share, and what they do not."""

import concurrent.futures
import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES
from tests.behaviour.origin import reply

_each_host = pytest.mark.parametrize("host", [language.name for language in LANGUAGES])


@_each_host
def test_answer_that_is_too_large_for_the_store_is_not_shared(start, origin, host):
    origin.reset()
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    origin.reply = reply(b"x" * (2**20 + 1))
    origin.hold()
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(function.fresh_request, "GET", path) for _ in range(5)]
        function.wait_for_connections(5)
        origin.release()
        assert {future.result().headers["x-cache"] for future in asking} == {"MISS"}
    assert len(origin.asked) == 5
