"""Webhooks: verify that a request is from Telnyx, and process its event once."""

import base64
import contextlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.exceptions import HTTPException
from starlette.requests import Request

from function.kv import (
    ConfigError,
    KvError,
    kv_get_with_expiry,
    kv_put_with_expiry,
    read_variable,
)

EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
# Telnyx waits two seconds for a response before it sends an event again.
KV_TIMEOUT = 1.0


class WebhookEvent(TypedDict):
    """An event from Telnyx; ``event_type`` says what the payload holds."""

    id: str
    event_type: str
    occurred_at: str
    payload: dict[str, Any]


async def receive_event(request: Request, tolerance_seconds: float) -> WebhookEvent:
    """Return the event in a request.

    Raises HTTPException if Telnyx has not signed it, or not within the tolerance.
    """
    key = _read_public_key()
    timestamp = request.headers.get("Telnyx-Timestamp", "")
    signature = request.headers.get("Telnyx-Signature-Ed25519", "")
    if not _age(timestamp) <= tolerance_seconds:  # NaN is never greater
        raise HTTPException(401, "missing or stale timestamp")

    body = await request.body()  # byte for byte as it was signed
    try:
        key.verify(base64.b64decode(signature), f"{timestamp}|".encode() + body)
    except (ValueError, InvalidSignature):
        raise HTTPException(401, "invalid signature") from None
    return _parse_event(body)


async def process_once(
    event_id: str, dedupe_seconds: float, effect: Callable[[], Awaitable[object]]
) -> bool:
    """Run the effect of an event unless its id is marked as processed, then mark it.

    Return whether the effect ran. If it raises, the id is not marked, so the next
    delivery runs it again. If the store fails, which is logged, the effect runs.
    """
    key = f"webhook/{event_id}"
    with contextlib.suppress(KvError):
        if await kv_get_with_expiry(key, KV_TIMEOUT):
            return False
    await effect()
    with contextlib.suppress(KvError):
        await kv_put_with_expiry(key, "processed", dedupe_seconds, KV_TIMEOUT)
    return True


def _age(timestamp: str) -> float:
    try:
        return abs(time.time() - float(timestamp))
    except ValueError:
        return float("inf")


def _parse_event(body: bytes) -> WebhookEvent:
    with contextlib.suppress(ValueError, RecursionError):
        match json.loads(body):
            case {"data": {"id": str(event_id), "event_type": str()}} as envelope:
                if EVENT_ID.fullmatch(event_id):
                    event: WebhookEvent = envelope["data"]
                    return event
    raise HTTPException(400, "malformed event")


def _read_public_key() -> Ed25519PublicKey:
    text = read_variable("TELNYX_PUBLIC_KEY")
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text))
    except ValueError:
        raise ConfigError("TELNYX_PUBLIC_KEY is not an Ed25519 public key") from None
