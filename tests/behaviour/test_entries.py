"""What is stored under a key of a cache, by whomever: an entry in every language, or in none."""

import base64
import json
import uuid
from pathlib import Path

import pytest

from tests.behaviour.hosts import CLIENTS

_FILE = Path(__file__).parents[1] / "vectors" / "cache-entries.json"
_STORED = json.loads(_FILE.read_text(encoding="utf-8"))["stored"]


@pytest.mark.parametrize("host", CLIENTS)
@pytest.mark.parametrize("vector", _STORED, ids=lambda vector: vector["name"])
def test_stored_text_is_an_entry_or_a_miss(start, kv, host, vector):
    function = start("cache", host)
    path = f"/test/{uuid.uuid4().hex}"
    kv.put(f"cache/api{path}", vector["text"])
    response = function.request("GET", path)
    if vector["body"] is None:
        assert (response.headers["x-cache"], response.content) == ("MISS", b"hello")
        return
    body = base64.b64decode(vector["body"])
    assert (response.headers["x-cache"], response.content) == ("HIT", body)
