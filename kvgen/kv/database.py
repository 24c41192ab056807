"""The file behind the store: how it is opened, what it holds, and what its failures are called."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from kvgen.kv.interface import StoreError

#: What ``PRAGMA user_version`` says; a database of a later one is refused.
SCHEMA_VERSION = 2

# The value stands last, so that a listing never has to walk through the pages of a large one.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS namespaces (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    ready_at REAL NOT NULL,
    has_ttl INTEGER NOT NULL,
    deleted_at REAL,
    gone_at REAL
);
CREATE TABLE IF NOT EXISTS entries (
    namespace INTEGER NOT NULL REFERENCES namespaces (number),
    key TEXT NOT NULL,
    content_type TEXT NOT NULL,
    updated_at REAL NOT NULL,
    expires_at REAL,
    value BLOB NOT NULL,
    PRIMARY KEY (namespace, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
PRAGMA user_version = {SCHEMA_VERSION};
"""

_FROM_1 = """
ALTER TABLE namespaces ADD COLUMN deleted_at REAL;
ALTER TABLE namespaces ADD COLUMN gone_at REAL;
"""

_ELSEWHERE = "name a place that can be written to, with --data FILE"
#: SQLite's primary result codes, with what they mean for a person and what to do.
_FAILURES = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space; acknowledged writes are not lost"),
    sqlite3.SQLITE_IOERR: (
        "the disk failed, or is full",
        "free some space; acknowledged writes are not lost",
    ),
    sqlite3.SQLITE_NOTADB: ("this is not a database", "name another file with --data FILE"),
    sqlite3.SQLITE_CORRUPT: ("this database is damaged", "name another file with --data FILE"),
    sqlite3.SQLITE_CANTOPEN: ("unable to open it", _ELSEWHERE),
    sqlite3.SQLITE_READONLY: ("it cannot be written", _ELSEWHERE),
    sqlite3.SQLITE_BUSY: ("another process has been writing to it for too long", "try again"),
    sqlite3.SQLITE_LOCKED: ("another process has been writing to it for too long", "try again"),
}


class ClearErrors:
    """A block in which SQLite's errors become StoreErrors.

    One object serves any number of blocks, one in another too: there are two in a call of a key.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.DatabaseError):
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            reason, hint = _FAILURES.get(code, (str(error), "is this a file of kvgen's?"))
            raise StoreError(self._path, reason, hint) from error


def open_database(path: Path | str) -> sqlite3.Connection:
    """Open a file, which is made or brought up to date where it has to be.

    Raises StoreError if it cannot be opened, is not a database, or was made by a newer kvgen.
    """
    with ClearErrors(path):
        # autocommit: each statement stands alone, and `transaction` groups where it must.
        # The event loop opens a store in one thread and tests look in from another.
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, path: Path | str) -> None:
    db.execute("PRAGMA busy_timeout = 5000")
    if _version(db) > SCHEMA_VERSION:
        raise StoreError(
            path, "it was written by a newer kvgen", "upgrade kvgen, or name another file"
        )
    # A write survives the death of the process, not of the machine. WAL lets readers go on while
    # another process writes.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    if _version(db) < SCHEMA_VERSION:
        with transaction(db):
            # Looked at again: another process may have done it since.
            script = (_FROM_1 if _version(db) == 1 else "") + _SCHEMA
            for statement in script.split(";") if _version(db) < SCHEMA_VERSION else ():
                db.execute(statement)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Do what the block does as a whole, or not at all."""
    # IMMEDIATE takes the write lock at once: an upgrade from a read lock can fail at any time.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A disk that is full may have rolled back by itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
