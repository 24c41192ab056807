"""Namespaces and keys in Redis, or in Valkey: what redis_store.lua does, called from Python."""

import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvgen.kv.interface import StoreError
from kvgen.kv.limits import MOST_KEYS
from kvgen.kv.records import Entry, KeyInfo, Namespace
from kvgen.kv.redis_connection import check_version, connected
from kvgen.kv.redis_failures import ClearErrors
from kvgen.kv.redis_url import shown_url
from kvgen.kv.threads import Threads

_SCHEMA_VERSION = 1
#: Keys that one script looks at, in which time no other client is served: a page and one beyond it.
_PAGE = MOST_KEYS + 1
_SCRIPT = Path(__file__).with_suffix(".lua")


class RedisStore:
    """A database of a Redis server, which processes and threads may share.

    The clock is the server's. Whatever fails is a StoreError.
    """

    def __init__(self, url: str) -> None:
        self._place = shown_url(url)
        self._clear_errors = ClearErrors(self._place)
        self._ahead = 0.0  # seconds, of the server's clock
        self._redis = connected(url)
        self._script = self._redis.register_script(_SCRIPT.read_bytes())
        try:
            with self._clear_errors:
                check_version(self._redis, self._place)
            self._check_schema()
        except BaseException:
            self.close()
            raise

    def _check_schema(self) -> None:
        if int(self._call("open", _SCHEMA_VERSION)) > _SCHEMA_VERSION:
            raise StoreError(
                self._place,
                "it was written by a newer kvgen",
                "upgrade kvgen, or name another database",
            )

    def now(self) -> float:
        """Return the server's time, as of its last response."""
        return time.time() + self._ahead

    def calls(self) -> Threads:
        """Return the way in which an event loop calls this store."""
        return Threads()

    def close(self) -> None:
        """Close the connections; the store is of no use afterwards."""
        self._redis.close()

    def create_namespace(
        self, name: str, *, provision_seconds: float = 0, has_ttl: bool = True
    ) -> Namespace | None:
        """Create a namespace; None if the name is taken."""
        fields = self._call("create", str(uuid.uuid4()), name, provision_seconds, int(has_ttl))
        return fields and _namespace(fields)

    def ensure_namespace(self, name: str) -> Namespace:
        """Return the namespace of this name, which is created if it is missing."""
        while True:
            if fields := self._call("named", name):
                return _namespace(fields)
            self.create_namespace(name)  # another process may be doing so as well

    def namespace(self, namespace_id: str) -> Namespace | None:
        """Return a namespace by its id, in any case."""
        fields = self._call("namespace", namespace_id.lower())
        return fields and _namespace(fields)

    def namespaces(self, offset: int = 0, limit: int = -1) -> list[Namespace]:
        """Return namespaces in the order in which they were created."""
        found = [_namespace(fields) for fields in self._call("namespaces")]
        return found[offset:] if limit < 0 else found[offset : offset + limit]

    def count_namespaces(self) -> int:
        """Return how many namespaces there are."""
        return len(self.namespaces())

    def delete_namespace(self, namespace: Namespace, seconds: float = 0) -> Namespace:
        """Let a namespace be gone in so many seconds; returns it as it is from now on.

        Its keys are removed by ``sweep``: there may be more of them than a call can wait for.
        """
        deleted_at, gone_at = self._call("delete_namespace", namespace.id, seconds)
        return namespace._replace(deleted_at=float(deleted_at), gone_at=float(gone_at))

    def find(self, namespace_id: str, key: str) -> tuple[Namespace, Entry | None] | None:
        """Return a namespace and its entry; None if there is not even the namespace."""
        found = self._call("find", namespace_id.lower(), key)
        return found and (_namespace(found[0]), _entry(*found[1]))

    def get(self, namespace: Namespace, key: str) -> Entry | None:
        """Return an entry that has not expired."""
        return (self.find(namespace.id, key) or (namespace, None))[1]

    def put(
        self,
        namespace: Namespace,
        key: str,
        value: bytes,
        content_type: str = "application/octet-stream",
        ttl: int | None = None,
    ) -> bool:
        """Write an entry, ``ttl`` in seconds or without end; returns whether the key is new."""
        is_new = self._call("put", namespace.id, key, value, content_type, ttl or "")
        if is_new is None:
            raise StoreError(self._place, "the namespace is gone", "create it again")
        return bool(is_new)

    def delete(self, namespace: Namespace, key: str) -> None:
        """Delete a key, if it is there."""
        self._call("delete", namespace.id, key)

    def keys(
        self, namespace: Namespace, prefix: str = "", after: str = "", limit: int = -1
    ) -> list[KeyInfo]:
        """Return keys with the prefix that sort after ``after``, in the order of their bytes."""
        first = f"({after}" if after >= prefix else f"[{prefix}"
        # A key is ASCII, so that no key with the prefix sorts after the prefix and a DEL.
        last = f"({prefix}\x7f"
        found: list[KeyInfo] = []
        # The script also counts expired keys, so there may be more keys after a short page.
        while first and (limit < 0 or len(found) < limit):
            most = _PAGE if limit < 0 else min(_PAGE, limit - len(found))
            rows, seen = self._call("keys", namespace.id, first, last, most)
            found += [_key(*row) for row in rows]
            first = f"({seen.decode()}" if seen else ""
        return found

    def sweep(self, most: int = 1000) -> int:
        """Remove up to ``most`` entries that nobody can read; returns how many it found.

        They are those whose time has come, and those of a namespace that is gone.
        """
        return int(self._call("sweep", most))

    def _call(self, command: str, *arguments: str | bytes | float) -> Any:
        with self._clear_errors:
            now, result = self._script(args=[command, *arguments])
        self._ahead = float(now) - time.time()
        return result


def _namespace(fields: Sequence[bytes | None]) -> Namespace:
    namespace_id, number, name, created_at, ready_at, has_ttl, deleted_at, gone_at = (
        field and field.decode() for field in fields
    )
    return Namespace(
        int(number or 0),
        namespace_id or "",
        name or "",
        float(created_at or 0),
        float(ready_at or 0),
        has_ttl == "1",
        float(deleted_at) if deleted_at else None,
        float(gone_at) if gone_at else None,
    )


def _key(key: bytes, size: int, updated_at: bytes, expires_at: bytes | None) -> KeyInfo:
    return KeyInfo(key.decode(), size, float(updated_at), float(expires_at) if expires_at else None)


def _entry(
    value: bytes | None, content_type: bytes | None, expires_at: bytes | None
) -> Entry | None:
    if value is None or content_type is None:
        return None
    return Entry(value, content_type.decode(), float(expires_at) if expires_at else None)
