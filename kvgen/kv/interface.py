"""The interface of a store and its errors; SQLite and Redis implement it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from kvgen.errors import KvgenError
from kvgen.kv.records import Entry, KeyInfo, Namespace

_T = TypeVar("_T")


class StoreError(KvgenError):
    """The store failed; ``reason`` says how, without where it is and without a credential."""

    def __init__(self, place: Path | str, reason: str, hint: str) -> None:
        super().__init__(f"{place}: {reason}", hint)
        self.reason = reason


class Calls(Protocol):
    """How an event loop calls a store, so that nobody waits longer than it has to."""

    async def run(self, action: Callable[[], _T]) -> _T:
        """Return what the action returns."""

    async def write(self, action: Callable[[], _T]) -> _T:
        """Do what the action writes, and return its result once that is durable."""


class Storage(Protocol):
    """Namespaces and keys. Each call is atomic; whatever fails is a StoreError.

    Times are in seconds since the epoch. ``now`` is the clock by which lifetimes end.
    """

    def now(self) -> float:
        """Return the time."""

    def calls(self) -> Calls:
        """Return the way in which an event loop calls this store."""

    def close(self) -> None:
        """Close it; the store is of no use afterwards."""

    def create_namespace(
        self, name: str, *, provision_seconds: float = 0, has_ttl: bool = True
    ) -> Namespace | None:
        """Create a namespace; None if the name is taken."""

    def ensure_namespace(self, name: str) -> Namespace:
        """Return the namespace of this name, which is created if it is missing."""

    def namespace(self, namespace_id: str) -> Namespace | None:
        """Return a namespace by its id, in any case."""

    def namespaces(self, offset: int = 0, limit: int = -1) -> list[Namespace]:
        """Return namespaces in the order in which they were created."""

    def count_namespaces(self) -> int:
        """Return how many namespaces there are."""

    def delete_namespace(self, namespace: Namespace, seconds: float = 0) -> Namespace:
        """Let a namespace be gone in so many seconds; returns it as it is from now on."""

    def find(self, namespace_id: str, key: str) -> tuple[Namespace, Entry | None] | None:
        """Return a namespace and its entry; None if there is not even the namespace."""

    def get(self, namespace: Namespace, key: str) -> Entry | None:
        """Return an entry that has not expired."""

    def put(
        self,
        namespace: Namespace,
        key: str,
        value: bytes,
        content_type: str = "application/octet-stream",
        ttl: int | None = None,
    ) -> bool:
        """Write an entry, ``ttl`` in seconds; returns whether the key is new.

        A write without a ``ttl`` ends an old one.
        """

    def delete(self, namespace: Namespace, key: str) -> None:
        """Delete a key, if it is there."""

    def keys(
        self, namespace: Namespace, prefix: str = "", after: str = "", limit: int = -1
    ) -> list[KeyInfo]:
        """Return keys with the prefix that sort after ``after``, in the order of their bytes."""

    def sweep(self, most: int = 1000) -> int:
        """Remove up to ``most`` entries that nobody can read; returns how many it found."""
