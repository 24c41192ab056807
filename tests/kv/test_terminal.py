"""What the kv commands ask and show on a terminal."""

import json
import time

import pytest

from kvgen.kv.store import Store
from tests.dev.test_terminal import Terminal


@pytest.fixture
def data(tmp_path):
    """A database with a few keys, two of which are expired envelopes."""
    path = tmp_path / "kv.db"
    store = Store(path)
    namespace = store.ensure_namespace("dev")
    past = json.dumps({"value": "x", "expires_at": int(time.time() * 1000) - 1}).encode()
    for key, value in {"s/1": past, "s/2": past, "s/3": b"x", "other": b"x"}.items():
        store.put(namespace, key, value)
    store.close()
    return path


def _names(path):
    store = Store(path)
    names = [info.key for info in store.keys(store.ensure_namespace("dev"))]
    store.close()
    return names


@pytest.mark.parametrize(
    ("answer", "left"), [("y\n", ["other"]), ("n\n", ["other", "s/1", "s/2", "s/3"])]
)
def test_delete_of_a_prefix_asks(tmp_path, data, answer, left):
    terminal = Terminal(tmp_path, "kv", "delete", "--prefix", "s/", "--data", str(data))
    terminal.read_until("3 keys start with 's/'. Delete? [y/N]:")
    terminal.type(answer)
    assert terminal.end() == (0 if left == ["other"] else 1)
    assert _names(data) == left


def test_delete_with_yes_asks_nothing(tmp_path, data):
    terminal = Terminal(tmp_path, "kv", "delete", "--prefix", "s/", "--yes", "--data", str(data))
    assert terminal.end() == 0
    assert terminal.text == "Deleted 3 keys\n"
    assert _names(data) == ["other"]


@pytest.mark.parametrize("option", ["--dry-run", "--prefix"])
def test_sweep_shows_how_far_it_is(tmp_path, data, option):
    more = ["s/"] if option == "--prefix" else []
    terminal = Terminal(tmp_path, "kv", "sweep", "--data", str(data), option, *more)
    assert terminal.end() == 0
    assert "Reading" in terminal.text
    assert "100%" in terminal.text
    assert ("Deleting" in terminal.text) == (option == "--prefix")
    assert len(_names(data)) == (4 if option == "--dry-run" else 2)


def test_put_without_a_value_does_not_wait_for_one_to_be_typed(tmp_path, data):
    terminal = Terminal(tmp_path, "kv", "put", "a", "--data", str(data))
    assert terminal.end() == 2
    assert "no value was given" in terminal.text
