"""The function over HTTP: signed events, and all other requests."""

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from function.handler import WEBHOOK_DEDUPE, WEBHOOK_TOLERANCE

pytestmark = pytest.mark.anyio

ID = "an-event-for-tests"
KEY = f"webhook/{ID}"
PRIVATE_KEY = Ed25519PrivateKey.generate()


@pytest.fixture(autouse=True)
def _public_key(monkeypatch):
    raw = PRIVATE_KEY.public_key().public_bytes_raw()
    monkeypatch.setenv("TELNYX_PUBLIC_KEY", base64.b64encode(raw).decode())


def deliver(client, event_type, age=0):
    """Deliver an event as Telnyx does, signed some seconds ago."""
    data = {"id": ID, "event_type": event_type, "payload": {}}
    body = json.dumps({"data": data}).encode()
    timestamp = str(int(time.time()) - age)
    signature = PRIVATE_KEY.sign(f"{timestamp}|".encode() + body)
    headers = {
        "Telnyx-Timestamp": timestamp,
        "Telnyx-Signature-Ed25519": base64.b64encode(signature).decode(),
    }
    return client.post("/", content=body, headers=headers)


@pytest.mark.parametrize(
    "event_type", ["message.received", "call.initiated", "of.another.type"]
)
async def test_event_is_processed_once(client, fake_kv, event_type):
    for status in ("processed", "duplicate"):
        response = await deliver(client, event_type)
        assert (response.status_code, response.json()) == (200, {"status": status})
        assert response.headers["Cache-Control"] == "no-store"
    assert list(fake_kv.values) == [KEY]


async def test_event_is_remembered_for_its_time(client, fake_kv):
    earliest = int(time.time() * 1000) + WEBHOOK_DEDUPE * 1000
    await deliver(client, "message.received")
    latest = time.time() * 1000 + WEBHOOK_DEDUPE * 1000
    assert earliest <= json.loads(fake_kv.values[KEY])["expires_at"] <= latest


async def test_what_is_not_signed_or_too_long_ago_is_refused(client, fake_kv):
    unsigned = await client.post("/", content=b"{}")
    stale = await deliver(client, "message.received", age=WEBHOOK_TOLERANCE + 10)
    assert unsigned.status_code == stale.status_code == 401
    assert fake_kv.calls == []


async def test_other_methods_are_refused(client, fake_kv):
    response = await client.get("/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert fake_kv.calls == []
