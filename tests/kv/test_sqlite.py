"""What only the store of a file does, with a clock that is set by hand."""

import sqlite3
import time

import pytest

from kvgen.errors import KvgenError
from kvgen.kv.store import Store
from tests.kv.conftest import served


def test_lifetime_ends_to_the_millisecond(tmp_path):
    now = 1_000.0
    store = Store(tmp_path / "kv.db", now=lambda: now)
    namespace = store.ensure_namespace("test")
    store.put(namespace, "a", b"1", ttl=10)
    now += 9.999
    assert store.get(namespace, "a")
    now += 0.001
    assert store.get(namespace, "a") is None
    store.close()


def test_namespace_keeps_its_id_across_openings(tmp_path):
    ids = set()
    for _ in range(2):
        store = Store(tmp_path / "kv.db")
        ids.add(store.ensure_namespace("dev").id)
        store.close()
    assert len(ids) == 1


def test_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"these are my notes, and they are long enough" * 50)
    before = path.read_bytes()
    with pytest.raises(KvgenError, match=r"notes\.txt"):
        Store(path)
    assert path.read_bytes() == before


def test_database_of_a_newer_kvgen_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "kv.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()
    before = path.read_bytes()
    with pytest.raises(KvgenError, match="newer kvgen"):
        Store(path)
    assert path.read_bytes() == before


def test_folder_that_does_not_exist_is_a_clear_error(tmp_path):
    with pytest.raises(KvgenError, match="unable to open"):
        Store(tmp_path / "missing" / "kv.db")


def test_what_has_expired_is_swept_from_the_file(tmp_path):
    data = tmp_path / "kv.db"
    store = Store(data, now=lambda: 1000.0)
    for number in range(1200):
        store.put(store.ensure_namespace("dev"), str(number), b"1", ttl=5)
    store.close()
    with served(data):
        db = sqlite3.connect(data)
        deadline = time.monotonic() + 10
        while db.execute("SELECT count(*) FROM entries").fetchone() != (0,):
            assert time.monotonic() < deadline
        db.close()
