"""What one language writes the others read, whatever the expiry modes."""

import itertools
import uuid

import pytest

from tests.behaviour.conftest import EXPIRIES
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.origin import reply
from tests.behaviour.webhooks import deliver, event, new_id

#: All pairs of languages in the default mode, and all pairs of modes around a ring of languages.
_PAIRS = [
    *((writer, reader, "both", "both") for writer, reader in itertools.permutations(LANGUAGES, 2)),
    *(
        (writer, reader, written, read)
        for writer, reader in zip(LANGUAGES, (*LANGUAGES[1:], LANGUAGES[0]), strict=True)
        for written, read in itertools.product(EXPIRIES, repeat=2)
        if (written, read) != ("both", "both")
    ),
]

# The reader is the one that the table names.
pytestmark = pytest.mark.parametrize(("writer", "host", "written", "read"), _PAIRS)


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
        origin.reply = reply(body, 'X-Mark: a, "b"', "Content-Type: x/y")
        miss = start("cache", writer, written).request("GET", path)
        hit = start("cache", host, read).request("GET", path)
        assert (miss.headers["x-cache"], hit.headers["x-cache"]) == ("MISS", "HIT")
        assert miss.content == hit.content == body
        assert hit.headers["content-type"] == "x/y"
        assert hit.headers["x-mark"] == 'a, "b"'
        path += "/binary"
    assert len(origin.asked) == 2


def test_event_that_another_language_has_processed_is_a_duplicate(
    start, writer, host, written, read
):
    body = event(new_id())
    first = deliver(start("webhook", writer, written), body)
    second = deliver(start("webhook", host, read), body)
    assert [first.json(), second.json()] == [{"status": "processed"}, {"status": "duplicate"}]
