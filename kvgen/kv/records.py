"""Records of the store. Pure; tuples are cheap, and a listing makes a thousand."""

from typing import NamedTuple


class Namespace(NamedTuple):
    """A namespace; times are seconds since the epoch.

    It takes keys from ``ready_at`` on, and there is none any more from ``gone_at`` on.
    """

    number: int
    id: str
    name: str
    created_at: float
    ready_at: float
    has_ttl: bool
    deleted_at: float | None
    gone_at: float | None

    def status(self, now: float) -> str:
        """Return ``pending``, ``provision_ok`` or ``deleting``."""
        if self.deleted_at is not None:
            return "deleting"
        return "provision_ok" if self.ready_at <= now else "pending"


class Entry(NamedTuple):
    """What is stored under a key, and until when, in seconds since the epoch."""

    value: bytes
    content_type: str
    expires_at: float | None


class KeyInfo(NamedTuple):
    """A key without its value. The service's listing shows nothing of the expiry."""

    key: str
    size: int
    updated_at: float
    expires_at: float | None
