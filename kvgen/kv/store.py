"""Namespaces and keys in SQLite. Every call is one transaction; the clock is passed in."""

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvgen.errors import KvgenError

#: What ``PRAGMA user_version`` says; a database of a later one is refused.
SCHEMA_VERSION = 1

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS namespaces (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    ready_at REAL NOT NULL,
    has_ttl INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS entries (
    namespace INTEGER NOT NULL REFERENCES namespaces (number) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    content_type TEXT NOT NULL,
    updated_at REAL NOT NULL,
    expires_at REAL,
    PRIMARY KEY (namespace, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
PRAGMA user_version = {SCHEMA_VERSION};
"""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace; times are seconds since the epoch, and it takes keys from ``ready_at`` on."""

    number: int
    id: str
    name: str
    created_at: float
    ready_at: float
    has_ttl: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; times are seconds since the epoch."""

    key: str
    value: bytes
    content_type: str
    updated_at: float
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as a listing shows it: never its value, never its expiry."""

    key: str
    size: int
    updated_at: float


class Store:
    """A database file. Not for use by two threads at once; two processes may share the file.

    ``now`` is the clock, in seconds since the epoch. Raises KvgenError where the file cannot be
    opened, is no database, or was made by a newer kvgen.
    """

    def __init__(self, path: Path | str, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self._path = path
        with self._clear_errors():
            # autocommit: each statement stands alone, and _transaction groups where it must.
            # The event loop opens a store in one thread and tests look in from another.
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA busy_timeout = 5000")
            self._check_version()
            # A write survives the death of the process, not of the machine; see design notes in
            # ARCHITECTURE.md. WAL lets readers go on while another process writes.
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        self._db.close()

    def create_namespace(
        self, name: str, *, provision_seconds: float = 0, has_ttl: bool = True
    ) -> Namespace | None:
        """Create a namespace; None where the name is taken."""
        now = self.now()
        values = (str(uuid.uuid4()), name, now, now + provision_seconds, has_ttl)
        with self._clear_errors():
            try:
                self._db.execute(
                    "INSERT INTO namespaces (id, name, created_at, ready_at, has_ttl)"
                    " VALUES (?, ?, ?, ?, ?)",
                    values,
                )
            except sqlite3.IntegrityError:
                return None
        return self.namespace(values[0])

    def ensure_namespace(self, name: str) -> Namespace:
        """Return the namespace of this name, which is created where it is missing."""
        created = self.create_namespace(name)
        return created or self._namespaces("WHERE name = ?", name)[0]

    def namespace(self, namespace_id: str) -> Namespace | None:
        """Return a namespace by its id, in any case."""
        found = self._namespaces("WHERE id = ?", namespace_id.lower())
        return found[0] if found else None

    def namespaces(self, offset: int = 0, limit: int = -1) -> list[Namespace]:
        """Return namespaces in the order in which they were created."""
        return self._namespaces("ORDER BY number LIMIT ? OFFSET ?", limit, offset)

    def count_namespaces(self) -> int:
        """Return how many namespaces there are."""
        with self._clear_errors():
            return int(self._db.execute("SELECT count(*) FROM namespaces").fetchone()[0])

    def delete_namespace(self, namespace_id: str) -> None:
        """Delete a namespace with all its keys."""
        with self._clear_errors():
            self._db.execute("DELETE FROM namespaces WHERE id = ?", (namespace_id.lower(),))

    def get(self, namespace: Namespace, key: str) -> Entry | None:
        """Return an entry that has not expired."""
        with self._clear_errors():
            row = self._db.execute(
                "SELECT key, value, content_type, updated_at, expires_at FROM entries"
                " WHERE namespace = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
                (namespace.number, key, self.now()),
            ).fetchone()
        return Entry(*row) if row else None

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
        now = self.now()
        with self._clear_errors(), self._transaction():
            present = self._db.execute(
                "SELECT 1 FROM entries"
                " WHERE namespace = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
                (namespace.number, key, now),
            ).fetchone()
            self._db.execute(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                (namespace.number, key, value, content_type, now, ttl and now + ttl),
            )
        return present is None

    def delete(self, namespace: Namespace, key: str) -> None:
        """Delete a key, if it is there."""
        with self._clear_errors():
            self._db.execute(
                "DELETE FROM entries WHERE namespace = ? AND key = ?", (namespace.number, key)
            )

    def keys(
        self, namespace: Namespace, prefix: str = "", after: str = "", limit: int = -1
    ) -> list[KeyInfo]:
        """Return keys with the prefix that sort after ``after``, in the order of their bytes."""
        # A key is ASCII, so that no key with the prefix sorts after the prefix and a DEL.
        with self._clear_errors():
            rows = self._db.execute(
                "SELECT key, length(value), updated_at FROM entries"
                " WHERE namespace = ? AND key > ? AND key >= ? AND key < ?"
                " AND (expires_at IS NULL OR expires_at > ?) ORDER BY key LIMIT ?",
                (namespace.number, after, prefix, prefix + "\x7f", self.now(), limit),
            ).fetchall()
        return [KeyInfo(*row) for row in rows]

    def sweep(self, most: int = 1000) -> int:
        """Remove up to ``most`` entries whose time has come; returns how many there were."""
        with self._clear_errors():
            cursor = self._db.execute(
                "DELETE FROM entries WHERE (namespace, key) IN (SELECT namespace, key"
                " FROM entries WHERE expires_at <= ? LIMIT ?)",
                (self.now(), most),
            )
        return cursor.rowcount

    def _namespaces(self, clause: str, *parameters: object) -> list[Namespace]:
        with self._clear_errors():
            rows = self._db.execute(
                # The clause is one of this class's own; what varies is bound.
                "SELECT number, id, name, created_at, ready_at, has_ttl"  # noqa: S608
                f" FROM namespaces {clause}",
                parameters,
            ).fetchall()
        return [
            Namespace(number, namespace_id, name, created_at, ready_at, bool(has_ttl))
            for number, namespace_id, name, created_at, ready_at, has_ttl in rows
        ]

    def _check_version(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise KvgenError(
                f"{self._path} was written by a newer kvgen", "upgrade kvgen, or name another file"
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE takes the write lock at once: an upgrade from a read lock can fail at any time.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise KvgenError(
                f"{self._path}: {error}", "is this a file of kvgen's, and is there room?"
            ) from error
