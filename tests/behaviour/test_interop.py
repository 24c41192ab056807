"""What one language writes the others read, whatever the expiry modes: all ordered pairs."""

import itertools
import uuid

import pytest

from tests.behaviour.conftest import EXPIRIES
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.origin import reply

_PAIRS = list(itertools.product(LANGUAGES, repeat=2))
_MODES = list(itertools.product(EXPIRIES, repeat=2))

pytestmark = [
    pytest.mark.parametrize(("written", "read"), _MODES),
    # The reader is the one that the table names.
    pytest.mark.parametrize(("writer", "host"), _PAIRS),
    pytest.mark.xdist_group("interop"),
]


def test_session_counts_on_where_another_language_stopped(start, writer, host, written, read):
    headers = {"X-Session-ID": f"shared-{uuid.uuid4().hex}"}
    first = start("session", writer, written).request("GET", headers=headers).json()
    second = start("session", host, read).request("GET", headers=headers).json()
    third = start("session", writer, written).request("GET", headers=headers).json()
    assert [first["views"], second["views"], third["views"]] == [0, 1, 2]
    assert first["created"] == second["created"] == third["created"]


def test_cache_serves_what_another_language_stored(start, origin, writer, host, written, read):
    path = f"/{uuid.uuid4().hex}"
    for body in ("ü\u2028<>&".encode(), b"\xff\x00"):
        origin.reply = reply(body, "X-Mark: \xe9", "Content-Type: x/y")
        miss = start("cache", writer, written).request("GET", path)
        hit = start("cache", host, read).request("GET", path)
        assert (miss.headers["x-cache"], hit.headers["x-cache"]) == ("MISS", "HIT")
        assert miss.content == hit.content == body
        assert hit.headers["content-type"] == "x/y"
        assert (b"x-mark", b"\xe9") in [(name.lower(), value) for name, value in hit.headers.raw]
        path += "/binary"
    assert len(origin.asked) == 2
