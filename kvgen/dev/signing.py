"""Events signed as Telnyx signs its webhooks, with a key that is made for one run."""

import base64
import json
import time
import uuid
from pathlib import Path

from kvgen.errors import KvgenError

_SECONDS = 60.0  # for a response, as long as the platform waits at most


class SigningKey:
    """A pair of keys; ``public`` is its public half, as Telnyx's portal shows it."""

    def __init__(self) -> None:
        # Here: few functions need a key, and the import takes a fifth of the start of `kvgen dev`.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._private = Ed25519PrivateKey.generate()
        self.public = _base64(self._private.public_key().public_bytes_raw())

    def headers(self, body: bytes) -> dict[str, str]:
        """Return the headers of a request with this body that is sent now."""
        timestamp = str(int(time.time()))
        signature = self._private.sign(f"{timestamp}|".encode() + body)
        return {
            "Content-Type": "application/json",
            "Telnyx-Timestamp": timestamp,
            "Telnyx-Signature-Ed25519": _base64(signature),
        }


def read_event(file: Path) -> bytes:
    """Return the event in a file under a new id, so that it is not taken for a duplicate.

    Raises KvgenError for a file that cannot be read, or holds no event.
    """
    try:
        event = json.loads(file.read_bytes())
        event["data"]["id"] = str(uuid.uuid4())
    except OSError as error:
        raise KvgenError(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError, LookupError, RecursionError):
        raise KvgenError(
            f"{file} holds no event", 'an event is JSON: {"data": {"event_type": "…", …}}'
        ) from None
    return json.dumps(event, ensure_ascii=False).encode()


async def send_event(url: str, file: Path, key: SigningKey) -> None:
    """Send an event to a function; raises KvgenError if it is none, or gets no response."""
    import httpx

    body = read_event(file)
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as http:
            await http.post(url, content=body, headers=key.headers(body))
    except httpx.HTTPError as error:
        raise KvgenError(f"{file} got no response: {error}") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
