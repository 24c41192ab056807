"""Namespaces and keys in SQLite. Every call is one transaction; the clock is passed in."""

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from kvgen.kv.database import ClearErrors, open_database, transaction
from kvgen.kv.interface import Calls
from kvgen.kv.records import Entry, KeyInfo, Namespace

_NAMESPACE = "number, id, name, created_at, ready_at, has_ttl, deleted_at, gone_at"
# One statement where there could be two: they are most of what a read costs.
_WITH_ENTRY = (
    f"SELECT {_NAMESPACE}, value, content_type, expires_at"  # noqa: S608
    " FROM namespaces LEFT JOIN entries"
    " ON namespace = number AND key = ? AND (expires_at IS NULL OR expires_at > ?)"
    " WHERE id = ? AND (gone_at IS NULL OR gone_at > ?)"
)


class Store:
    """A database file. Not for use by two threads at once; two processes may share the file.

    ``now`` is the clock, in seconds since the epoch. Whatever fails is a StoreError.
    """

    def __init__(self, path: Path | str, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._clear_errors = ClearErrors(path)
        self._db = open_database(path)

    def calls(self) -> Calls:
        """Return the way in which an event loop calls this store."""
        from kvgen.kv import commits  # here: to complete a key takes no event loop

        return commits.Commits(self.transaction)

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        self._db.close()

    def create_namespace(
        self, name: str, *, provision_seconds: float = 0, has_ttl: bool = True
    ) -> Namespace | None:
        """Create a namespace; None if the name is taken."""
        now, new_id = self.now(), str(uuid.uuid4())
        with self.transaction():
            # No namespace may be called this: one that is gone gives its name free.
            self._db.execute(
                "UPDATE namespaces SET name = '/' || id WHERE name = ? AND gone_at <= ?",
                (name, now),
            )
            try:
                self._db.execute(
                    "INSERT INTO namespaces (id, name, created_at, ready_at, has_ttl)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (new_id, name, now, now + provision_seconds, has_ttl),
                )
            except sqlite3.IntegrityError:
                return None
        return self.namespace(new_id)

    def ensure_namespace(self, name: str) -> Namespace:
        """Return the namespace of this name, which is created if it is missing."""
        while True:
            if found := self._namespaces("AND name = ?", name):
                return found[0]
            self.create_namespace(name)  # another process may be doing so as well

    def namespace(self, namespace_id: str) -> Namespace | None:
        """Return a namespace by its id, in any case."""
        found = self._namespaces("AND id = ?", namespace_id.lower())
        return found[0] if found else None

    def namespaces(self, offset: int = 0, limit: int = -1) -> list[Namespace]:
        """Return namespaces in the order in which they were created."""
        return self._namespaces("ORDER BY number LIMIT ? OFFSET ?", limit, offset)

    def count_namespaces(self) -> int:
        """Return how many namespaces there are."""
        query = "SELECT count(*) FROM namespaces WHERE gone_at IS NULL OR gone_at > ?"
        with self._clear_errors:
            return int(self._db.execute(query, (self.now(),)).fetchone()[0])

    def delete_namespace(self, namespace: Namespace, seconds: float = 0) -> Namespace:
        """Let a namespace be gone in so many seconds; returns it as it is from now on.

        Its keys are removed by ``sweep``: there may be more of them than a call can wait for.
        """
        now = self.now()
        with self._clear_errors:
            (row,) = self._db.execute(
                "UPDATE namespaces SET deleted_at = ?, gone_at = ? WHERE number = ?"  # noqa: S608
                f" RETURNING {_NAMESPACE}",
                (now, now + seconds, namespace.number),
            ).fetchall()
        return Namespace._make(row)

    def find(self, namespace_id: str, key: str) -> tuple[Namespace, Entry | None] | None:
        """Return a namespace and its entry; None if there is not even the namespace."""
        now = self.now()
        with self._clear_errors:
            row = self._db.execute(_WITH_ENTRY, (key, now, namespace_id.lower(), now)).fetchone()
        if row is None:
            return None
        return Namespace._make(row[:8]), None if row[8] is None else Entry._make(row[8:])

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
        now = self.now()
        with self.transaction():
            present = self._db.execute(
                "SELECT 1 FROM entries"
                " WHERE namespace = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
                (namespace.number, key, now),
            ).fetchone()
            self._db.execute(
                "INSERT OR REPLACE INTO entries"
                " (namespace, key, content_type, updated_at, expires_at, value)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (namespace.number, key, content_type, now, ttl and now + ttl, value),
            )
        return present is None

    def delete(self, namespace: Namespace, key: str) -> None:
        """Delete a key, if it is there."""
        with self.transaction():
            self._db.execute(
                "DELETE FROM entries WHERE namespace = ? AND key = ?", (namespace.number, key)
            )

    def keys(
        self, namespace: Namespace, prefix: str = "", after: str = "", limit: int = -1
    ) -> list[KeyInfo]:
        """Return keys with the prefix that sort after ``after``, in the order of their bytes."""
        # A key is ASCII, so that no key with the prefix sorts after the prefix and a DEL.
        with self._clear_errors:
            rows = self._db.execute(
                "SELECT key, length(value), updated_at, expires_at FROM entries"
                " WHERE namespace = ? AND key > ? AND key >= ? AND key < ?"
                " AND (expires_at IS NULL OR expires_at > ?) ORDER BY key LIMIT ?",
                (namespace.number, after, prefix, prefix + "\x7f", self.now(), limit),
            ).fetchall()
        return [KeyInfo._make(row) for row in rows]

    def sweep(self, most: int = 1000) -> int:
        """Remove up to ``most`` entries that nobody can read; returns how many it found.

        They are those whose time has come, and those of a namespace that is gone.
        """
        now = self.now()
        with self._clear_errors:
            expired = self._db.execute(
                "DELETE FROM entries WHERE (namespace, key) IN (SELECT namespace, key"
                " FROM entries WHERE expires_at <= ? LIMIT ?)",
                (now, most),
            ).rowcount
            orphaned = self._db.execute(
                "DELETE FROM entries WHERE (namespace, key) IN (SELECT namespace, key"
                " FROM entries JOIN namespaces ON number = namespace"
                " WHERE gone_at <= ? LIMIT ?)",
                (now, most - expired),
            ).rowcount
            self._db.execute(
                "DELETE FROM namespaces WHERE gone_at <= ?"
                " AND NOT EXISTS (SELECT 1 FROM entries WHERE namespace = number)",
                (now,),
            )
        return expired + orphaned

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one transaction of what the block does; inside another, a part of that one."""
        own = contextlib.nullcontext() if self._db.in_transaction else transaction(self._db)
        with self._clear_errors, own:
            yield

    def _namespaces(self, clause: str, *parameters: object) -> list[Namespace]:
        with self._clear_errors:
            rows = self._db.execute(
                # The clause is one of this class's own; what varies is bound.
                f"SELECT {_NAMESPACE} FROM namespaces"  # noqa: S608
                f" WHERE (gone_at IS NULL OR gone_at > ?) {clause}",
                (self.now(), *parameters),
            ).fetchall()
        return [Namespace._make(row) for row in rows]
