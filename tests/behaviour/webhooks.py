"""Events as Telnyx sends them: signed with a key whose public half the functions know."""

import base64
import json
import time
import uuid
from collections.abc import Mapping

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.behaviour.hosting import Function

_PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = base64.b64encode(_PRIVATE_KEY.public_key().public_bytes_raw()).decode()
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def new_id() -> str:
    return str(uuid.uuid4())


def event(event_id: str, event_type: str = "message.received", **payload: object) -> bytes:
    """Return the body of a request."""
    data = {
        "record_type": "event",
        "id": event_id,
        "event_type": event_type,
        "occurred_at": "2026-01-02T03:04:05.678+00:00",
        "payload": payload,
    }
    return json.dumps({"data": data, "meta": {"attempt": 1}}).encode()


def signed(body: bytes, age: int = 0, key: Ed25519PrivateKey = _PRIVATE_KEY) -> dict[str, str]:
    """Return the headers of a request with this body that was signed some seconds ago."""
    timestamp = str(int(time.time()) - age)
    signature = key.sign(f"{timestamp}|".encode() + body)
    return {
        "Content-Type": "application/json",
        "Telnyx-Timestamp": timestamp,
        "Telnyx-Signature-Ed25519": base64.b64encode(signature).decode(),
    }


def deliver(
    function: Function, body: bytes, headers: Mapping[str, str] | None = None, path: str = "/"
) -> httpx.Response:
    """Send a body, signed unless there are headers for it."""
    headers = signed(body) if headers is None else headers
    return function.request("POST", path, content=body, headers=headers)
