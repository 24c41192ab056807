"""The application-level expiry envelope: ``{"value": "…", "expires_at": <epoch ms>}``. Pure."""

import json
from dataclasses import dataclass

_LARGEST_INTEGER = 2**53


@dataclass(frozen=True, slots=True)
class Envelope:
    """A text and when it expires, in milliseconds since the epoch."""

    value: str
    expires_at: float

    def is_expired(self, now: float) -> bool:
        """Whether it has expired at ``now``, in milliseconds; in that very one it has not."""
        return now > self.expires_at


def wrap(value: str, expires_at: int) -> bytes:
    """Write an envelope, ``expires_at`` in milliseconds since the epoch."""
    members = {"value": value, "expires_at": expires_at}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def unwrap(content: bytes) -> Envelope | None:
    """Read an envelope as generated functions do; None for any other content."""
    try:
        members = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, dict) or members.keys() != {"value", "expires_at"}:
        return None
    value, expires_at = members["value"], members["expires_at"]
    if isinstance(expires_at, bool) or not isinstance(expires_at, int | float):
        return None
    if not isinstance(value, str) or abs(expires_at) > _LARGEST_INTEGER or expires_at % 1:
        return None
    return Envelope(value, expires_at)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
