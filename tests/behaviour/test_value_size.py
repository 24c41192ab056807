"""The largest value that the store takes, envelope and all, to the byte."""

import json
import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES
from tests.behaviour.gate import answer

_LARGEST = 2**20  # bytes
_each_host = pytest.mark.parametrize("host", [language.name for language in LANGUAGES])


def _envelope_of(session):
    """Return what is written of a session, as every language writes it."""
    text = json.dumps(session, ensure_ascii=False, separators=(",", ":"))
    envelope = {"value": text, "expires_at": 1_700_000_000_000}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def _padded(to):
    """Return a session whose envelope has this size once it was counted."""
    session = {"created": 1, "views": 1, "pad": "é" * 300_000}
    session["pad"] += "x" * (to - len(_envelope_of(session)))
    return session


@_each_host
def test_largest_value_is_stored_and_a_larger_one_is_not_even_sent(start, kv, host):
    function = start("session", host)
    key = f"test-{uuid.uuid4().hex}"
    for size, status in ((_LARGEST, 200), (_LARGEST + 1, 503)):
        kv.put(f"session/{key}", json.dumps(_padded(size) | {"views": 0}, ensure_ascii=False))
        kv.calls.clear()
        response = function.request("GET", headers={"X-Session-ID": key})
        assert response.status_code == status
        assert kv.calls == (["GET", "PUT"] if status == 200 else ["GET"])
        if status == 200:
            assert len(kv.get(f"session/{key}")) == size


@_each_host
def test_error_with_a_body_is_read_and_the_next_call_is_answered(start, kv, host):
    function = start("session", host)
    headers = {"X-Session-ID": f"test-{uuid.uuid4().hex}"}
    with kv.failing(answer(400, b"x" * _LARGEST)):
        assert function.request("GET", headers=headers).status_code == 503
    assert function.request("GET", headers=headers).status_code == 200
