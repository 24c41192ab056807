"""What every store does, each by its own clock."""

import random
import threading
import time

import pytest

from kvgen.kv.interface import StoreError
from kvgen.kv.store import Store
from kvgen.kv.stores import open_store
from tests.kv.conftest import ON_BOTH_STORES

pytestmark = ON_BOTH_STORES


class Clock:
    def __init__(self):
        self.time = 1_000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(kind, place, clock):
    store = Store(place, now=clock) if kind == "sqlite" else open_store(place)
    yield store
    store.close()


@pytest.fixture
def elapse(kind, clock):
    """Let seconds pass: at once where the clock can be set, and truly by a server's."""

    def pass_by(seconds):
        clock.time += seconds
        until = time.monotonic() + (0 if kind == "sqlite" else seconds + 0.01)
        while time.monotonic() < until:
            time.sleep(0.01)

    return pass_by


@pytest.fixture
def namespace(store):
    return store.ensure_namespace("test")


def _names(store, namespace, *arguments):
    return [info.key for info in store.keys(namespace, *arguments)]


def test_key_is_gone_when_its_lifetime_is_over(store, namespace, elapse):
    store.put(namespace, "a", b"1", ttl=1)
    elapse(0.5)
    assert store.get(namespace, "a").value == b"1"
    elapse(0.5)
    assert store.get(namespace, "a") is None
    assert store.keys(namespace) == []
    assert store.put(namespace, "a", b"2") is True


def test_later_write_replaces_the_lifetime(store, namespace, elapse):
    for key in ("forever", "longer"):
        store.put(namespace, key, b"1", ttl=1)
    assert store.put(namespace, "forever", b"2") is False
    assert store.put(namespace, "longer", b"2", ttl=100) is False
    store.put(namespace, "shorter", b"1")
    store.put(namespace, "shorter", b"2", ttl=1)
    elapse(1)
    assert _names(store, namespace) == ["forever", "longer"]
    assert store.sweep() == 1
    assert store.get(namespace, "forever").value == b"2"
    assert store.get(namespace, "longer").value == b"2"


def test_entry_has_what_was_written(store, namespace):
    value = bytes(range(256)) * 4096  # 1 MiB
    store.put(namespace, "a", value, "text/x; name=\xe4", ttl=9_223_372_036)
    entry = store.get(namespace, "a")
    assert (entry.value, entry.content_type) == (value, "text/x; name=\xe4")
    assert entry.expires_at - store.now() == pytest.approx(9_223_372_036, abs=5)
    (info,) = store.keys(namespace)
    assert (info.key, info.size) == ("a", len(value))
    assert info.updated_at == pytest.approx(store.now(), abs=5)
    store.put(namespace, "a", b"")
    assert store.get(namespace, "a")[:] == (b"", "application/octet-stream", None)


def test_sweep_removes_what_has_expired_and_nothing_else(store, namespace, elapse):
    for number in range(5):
        store.put(namespace, f"old/{number}", b"1", ttl=1)
    store.put(namespace, "young", b"1", ttl=100)
    store.put(namespace, "eternal", b"1")
    elapse(1)
    assert [store.sweep(3), store.sweep(3), store.sweep(3)] == [3, 2, 0]
    assert _names(store, namespace) == ["eternal", "young"]


def test_listing_passes_over_more_expired_keys_than_a_page_has(store, namespace, elapse):
    for number in range(1100):
        store.put(namespace, f"a/{number}", b"1", ttl=1)
    store.put(namespace, "b", b"1")
    elapse(1)
    assert _names(store, namespace, "", "", 1) == ["b"]


def test_prefix_is_literal(store, namespace):
    for key in ("a", "a/b", "a_b", "ab", "b"):
        store.put(namespace, key, b"1")
    assert _names(store, namespace, "a_") == ["a_b"]
    assert _names(store, namespace, "a/") == ["a/b"]
    assert _names(store, namespace, "\xe4") == []
    assert len(store.keys(namespace, "")) == 5


def test_random_calls_leave_what_a_dictionary_has(store, namespace):
    chance = random.Random(1)  # noqa: S311
    expected: dict[str, bytes] = {}
    names = ["".join(chance.choices("-/_=.aZ09", k=chance.randint(1, 4))) for _ in range(40)]
    for number in range(400):
        key = chance.choice(names)
        if chance.random() < 0.3:
            store.delete(namespace, key)
            expected.pop(key, None)
        else:
            value = b"%d" % number
            assert store.put(namespace, key, value) is (key not in expected)
            expected[key] = value
        prefix, after = chance.choice(names)[: chance.randint(0, 2)], chance.choice(names)
        limit = chance.choice([-1, 0, 1, 5])
        listed = [it for it in sorted(expected) if it.startswith(prefix) and it > after]
        shown = listed if limit < 0 else listed[:limit]
        assert _names(store, namespace, prefix, after, limit) == shown
    assert {key: store.get(namespace, key).value for key in expected} == expected


def test_namespaces_keep_their_order_their_ids_and_their_names(store):
    created = [store.create_namespace(f"n-{number}") for number in range(5)]
    assert store.create_namespace("n-3") is None
    assert store.ensure_namespace("n-3") == created[3]
    assert store.namespace(created[2].id.upper()) == created[2]
    assert store.namespaces() == created
    assert store.namespaces(1, 2) == created[1:3]
    assert (store.namespaces(9, 2), store.count_namespaces()) == ([], 5)


def test_namespace_is_pending_until_it_is_ready(store, elapse):
    pending = store.create_namespace("slow", provision_seconds=0.2, has_ttl=False)
    assert (pending.status(store.now()), pending.has_ttl) == ("pending", False)
    elapse(0.2)
    found, entry = store.find(pending.id, "a")
    assert (found.status(store.now()), entry) == ("provision_ok", None)


def test_deleted_namespace_takes_its_keys_along(store, namespace):
    store.put(namespace, "a", b"1")
    store.put(namespace, "b", b"1", ttl=100)
    store.delete_namespace(namespace)
    again = store.ensure_namespace("test")
    assert again.id != namespace.id
    assert store.keys(again) == []
    assert (store.namespace(namespace.id), store.find(namespace.id, "a")) == (None, None)
    assert (store.sweep(1), store.sweep(), store.sweep()) == (1, 1, 0)
    assert store.namespaces() == [again]
    assert store.keys(namespace) == []
    with pytest.raises(StoreError):
        store.put(namespace, "a", b"nobody could read this, and nothing would remove it")


def test_namespace_keeps_its_name_while_it_is_being_deleted(store, namespace, elapse):
    deleted = store.delete_namespace(namespace, 0.2)
    assert deleted == store.namespace(namespace.id)
    assert deleted.status(store.now()) == "deleting"
    assert store.create_namespace("test") is None
    elapse(0.2)
    assert (store.namespace(namespace.id), store.count_namespaces()) == (None, 0)
    assert store.create_namespace("test") is not None


def test_two_openings_of_one_place_share_everything(place):
    stores = [open_store(place) for _ in range(4)]
    found = {}

    def work(number):
        namespace = found[number] = stores[number].ensure_namespace("dev")
        for index in range(100):
            stores[number].put(namespace, f"{number}/{index}", b"1")
            stores[number].put(namespace, "contended", b"1")

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(set(found.values())) == 1
    for store in stores:
        assert len(store.keys(found[0])) == 401
        store.close()
