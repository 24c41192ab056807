"""The store with a clock that is set by hand."""

import sqlite3

import pytest

from kvgen.errors import KvgenError
from kvgen.kv.store import Store


class Clock:
    def __init__(self):
        self.time = 1_000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    store = Store(tmp_path / "kv.db", now=clock)
    yield store
    store.close()


@pytest.fixture
def namespace(store):
    return store.ensure_namespace("test")


def test_lifetime_ends_to_the_second(store, namespace, clock):
    store.put(namespace, "a", b"1", ttl=10)
    clock.time += 9.999
    assert store.get(namespace, "a").value == b"1"
    clock.time += 0.001
    assert store.get(namespace, "a") is None
    assert store.keys(namespace) == []
    assert store.put(namespace, "a", b"2") is True


def test_plain_write_ends_an_old_lifetime(store, namespace, clock):
    store.put(namespace, "a", b"1", ttl=10)
    assert store.put(namespace, "a", b"2") is False
    clock.time += 100
    assert store.get(namespace, "a").value == b"2"


def test_sweep_removes_what_has_expired_and_nothing_else(store, namespace, clock):
    for number in range(5):
        store.put(namespace, f"old/{number}", b"1", ttl=1)
    store.put(namespace, "young", b"1", ttl=100)
    store.put(namespace, "eternal", b"1")
    clock.time += 50
    assert [store.sweep(3), store.sweep(3), store.sweep(3)] == [3, 2, 0]
    assert [info.key for info in store.keys(namespace)] == ["eternal", "young"]


def test_prefix_is_literal(store, namespace):
    for key in ("a", "a/b", "a_b", "ab", "b"):
        store.put(namespace, key, b"1")
    assert [info.key for info in store.keys(namespace, "a_")] == ["a_b"]
    assert [info.key for info in store.keys(namespace, "a/")] == ["a/b"]
    assert len(store.keys(namespace, "")) == 5


def test_namespace_keeps_its_id_across_openings(tmp_path):
    ids = set()
    for _ in range(2):
        store = Store(tmp_path / "kv.db")
        ids.add(store.ensure_namespace("dev").id)
        store.close()
    assert len(ids) == 1


def test_deleted_namespace_takes_its_keys_along(store, namespace):
    store.put(namespace, "a", b"1")
    store.delete_namespace(namespace)
    again = store.ensure_namespace("test")
    assert again.id != namespace.id
    assert store.keys(again) == []
    assert store.namespace(namespace.id) is None
    assert (store.sweep(), store.sweep()) == (1, 0)
    assert store.namespaces() == [again]
    assert store.keys(namespace) == []


def test_two_processes_may_share_a_file(tmp_path):
    one, other = Store(tmp_path / "kv.db"), Store(tmp_path / "kv.db")
    namespace = one.ensure_namespace("test")
    one.put(namespace, "a", b"1")
    entry = other.get(other.ensure_namespace("test"), "a")
    assert entry is not None
    assert entry.value == b"1"
    one.close()
    other.close()


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
