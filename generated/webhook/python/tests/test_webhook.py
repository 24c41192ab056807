"""Which requests are events from Telnyx, and that an event is processed once."""

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.exceptions import HTTPException
from starlette.requests import Request

from function.kv import ConfigError
from function.webhook import process_once, receive_event

pytestmark = pytest.mark.anyio

TOLERANCE = 300
ID = "an-event-for-tests"
KEY = f"webhook/{ID}"
EVENT = {"id": ID, "event_type": "message.received", "payload": {"text": "Zoë"}}
BODY = json.dumps({"data": EVENT, "meta": {}}).encode()
PRIVATE_KEY = Ed25519PrivateKey.generate()


@pytest.fixture(autouse=True)
def _public_key(monkeypatch):
    raw = PRIVATE_KEY.public_key().public_bytes_raw()
    monkeypatch.setenv("TELNYX_PUBLIC_KEY", base64.b64encode(raw).decode())


def delivery(signed=BODY, age=0, key=PRIVATE_KEY, **changed):
    """Return a request as Telnyx sends it, but for what changed after that."""
    timestamp = str(int(time.time()) - age)
    signature = base64.b64encode(key.sign(f"{timestamp}|".encode() + signed)).decode()
    sent = {"body": signed, "timestamp": timestamp, "signature": signature, **changed}
    headers = [
        (b"telnyx-timestamp", sent["timestamp"].encode()),
        (b"telnyx-signature-ed25519", sent["signature"].encode()),
    ]

    async def receive():
        return {"type": "http.request", "body": sent["body"]}

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.parametrize("age", [0, TOLERANCE - 10, 10 - TOLERANCE])
async def test_signed_event_is_received(fake_kv, age):
    assert await receive_event(delivery(age=age), TOLERANCE) == EVENT
    assert fake_kv.calls == []


@pytest.mark.parametrize(
    "changes",
    [
        {"age": TOLERANCE + 10},
        {"age": -TOLERANCE - 10},
        {"timestamp": ""},
        {"timestamp": "now"},
        {"timestamp": "nan"},
        {"timestamp": str(time.time())},
        {"signature": ""},
        {"signature": "*"},
        {"signature": "AAAA"},
        {"key": Ed25519PrivateKey.generate()},
        {"body": BODY + b" "},
    ],
    ids=str,
)
async def test_what_telnyx_has_not_just_signed_is_401(changes):
    with pytest.raises(HTTPException) as raised:
        await receive_event(delivery(**changes), TOLERANCE)
    assert raised.value.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"{}",
        b'{"data": null}',
        b'{"data": {"id": "x"}}',
        b'{"data": {"id": 7, "event_type": "x"}}',
        b'{"data": {"id": "a/b", "event_type": "x"}}',
        b"[" * 100_000,
        b"\xff",
    ],
    ids=lambda body: str(body[:50]),
)
async def test_what_is_no_event_is_400(body):
    with pytest.raises(HTTPException) as raised:
        await receive_event(delivery(body), TOLERANCE)
    assert raised.value.status_code == 400


@pytest.mark.parametrize("key", ["", "nonsense", "AAAA"])
async def test_key_that_is_none_is_an_error_of_the_configuration(monkeypatch, key):
    monkeypatch.setenv("TELNYX_PUBLIC_KEY", key)
    with pytest.raises(ConfigError, match="TELNYX_PUBLIC_KEY"):
        await receive_event(delivery(), TOLERANCE)


async def test_effect_runs_once_and_the_event_is_marked_after_it(fake_kv):
    calls = []

    async def effect():
        calls.extend(fake_kv.calls)

    assert await process_once(ID, 60, effect)
    assert not await process_once(ID, 60, effect)
    assert calls == [("GET", KEY)]
    assert fake_kv.calls == [("GET", KEY), ("PUT", KEY), ("GET", KEY)]


async def test_mark_lapses(fake_kv):
    async def effect():
        pass

    earliest = int(time.time() * 1000) + 60_000
    await process_once(ID, 60, effect)
    expires_at = json.loads(fake_kv.values[KEY])["expires_at"]
    assert earliest <= expires_at <= time.time() * 1000 + 60_000


async def test_effect_that_fails_leaves_no_mark(fake_kv):
    async def effect():
        raise ValueError("made up")

    with pytest.raises(ValueError, match="made up"):
        await process_once(ID, 60, effect)
    assert fake_kv.values == {}


async def test_failing_store_keeps_no_event_from_being_processed(fake_kv):
    runs = []

    async def effect():
        runs.append("run")

    fake_kv.failing = 401
    for _ in range(2):
        assert await process_once(ID, 60, effect)
    assert len(runs) == 2
