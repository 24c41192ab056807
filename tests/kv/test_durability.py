"""An acknowledged write stays, whatever happens to the process, the disk or the file."""

import asyncio
import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kvgen.kv.interface import StoreError
from kvgen.kv.store import Store
from kvgen.kv.stores import open_store
from tests.conftest import kvgen_process
from tests.kv.conftest import ON_BOTH_STORES, served
from tests.kv.crashing import crash_and_check

_MIB = 1_048_576


def test_acknowledged_writes_survive_kill_9_under_load(tmp_path):
    assert crash_and_check(tmp_path / "kv.db", times=5, seed=1) > 100


def _fill(place, prefix):
    store = open_store(place if "://" in place else Path(place))
    namespace = store.ensure_namespace("shared")
    for number in range(200):
        store.put(namespace, f"{prefix}/{number}", prefix.encode())
        store.put(namespace, "contended", prefix.encode())
    store.close()


@ON_BOTH_STORES
def test_processes_that_open_and_write_one_new_store_at_once_lose_nothing(place):
    writers = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"from {__name__} import _fill; _fill({str(place)!r}, {name!r})",
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    for writer in writers:
        assert (writer.communicate(timeout=60)[1], writer.returncode) == ("", 0)
    store = open_store(place)
    (namespace,) = store.namespaces()
    assert len(store.keys(namespace)) == 4 * 200 + 1
    store.close()


@ON_BOTH_STORES
def test_two_servers_on_one_store_see_each_other(place):
    with served(place) as one, served(place) as other:
        keys = one.namespace()
        for number in range(50):
            first, second = (one, other) if number % 2 else (other, one)
            assert first.http.put(f"{keys}/a", content=b"%d" % number).is_success
            assert second.http.get(f"{keys}/a").content == b"%d" % number
        assert other.http.delete(keys.removesuffix("/keys")).is_success
        assert one.http.get(f"{keys}/a").status_code == 404


def _limit_files():
    # The kernel refuses to let a file grow, as it does on a disk that is full; for root as well.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * _MIB, resource.RLIM_INFINITY))


def test_disk_that_fills_up_is_a_500_and_the_server_lives_on(tmp_path):
    data = tmp_path / "kv.db"
    written = {}
    with served(data, preexec_fn=_limit_files) as kv:
        keys = kv.namespace()
        for number in range(20):
            value = bytes([number]) * (_MIB // 2)
            response = kv.http.put(f"{keys}/{number}", content=value)
            if response.status_code == 500:
                break
            written[f"{keys}/{number}"] = value
        (error,) = response.json()["errors"]
        assert error["detail"] == "The store failed: the disk failed, or is full."
        assert error["meta"] == {"url": f"{keys}/{number}"}
        assert len(written) >= 3
        assert {path: kv.http.get(path).content for path in written} == written
        assert kv.http.get(f"{keys}/{number}").status_code == 404
    with served(data) as kv:
        assert {path: kv.http.get(path).content for path in written} == written
        assert kv.http.put(f"{keys}/{number}", content=value).status_code == 201


def test_command_on_a_disk_that_is_full_is_a_clear_error(tmp_path):
    data = tmp_path / "kv.db"
    (tmp_path / "value").write_bytes(b"x" * _MIB)
    for number in range(20):
        put = ("kv", "put", str(number), "--file", str(tmp_path / "value"), "--data", str(data))
        code, stdout, stderr = _failure(*put, preexec_fn=_limit_files)
        if code:
            break
    assert (code, stdout) == (1, "")
    assert stderr == "Error: PUT failed: 500 The store failed: the disk failed, or is full.\n"
    assert number >= 2


def test_full_disk_fails_only_the_write_that_does_not_fit(tmp_path):
    store = Store(tmp_path / "kv.db")
    namespace = store.ensure_namespace("test")
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages + 4}")
    commits = store.calls()

    async def write_together():
        return await asyncio.gather(
            commits.write(lambda: store.put(namespace, "small", b"1")),
            commits.write(lambda: store.put(namespace, "large", b"x" * _MIB)),
            commits.write(lambda: store.put(namespace, "other", b"2")),
            return_exceptions=True,
        )

    small, large, other = asyncio.run(write_together())
    assert (small, other) == (True, True)
    assert isinstance(large, StoreError)
    assert large.reason == "the disk is full"
    assert [info.key for info in store.keys(namespace)] == ["other", "small"]
    store.close()


def _obey_modes():
    # Root may write wherever it likes, unless it is without this capability (1: DAC_OVERRIDE).
    if os.geteuid() == 0:
        drop = 24  # PR_CAPBSET_DROP
        assert ctypes.CDLL(None).prctl(drop, 1, 0, 0, 0) == 0


@pytest.fixture
def unwritable(tmp_path):
    """A folder with a database, neither of which may be written."""
    folder = tmp_path / "folder"
    folder.mkdir()
    store = Store(folder / "kv.db")
    store.close()
    (folder / "kv.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def _failure(*arguments, **options):
    process = kvgen_process(arguments, stdout=-1, stderr=-1, **options)
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("put", "a", "x"), ("list",)])
@pytest.mark.parametrize("name", ["kv.db", "new.db"])
def test_folder_that_cannot_be_written_is_a_clear_error(unwritable, command, name):
    data = unwritable / name
    options = {"preexec_fn": _obey_modes}
    code, stdout, stderr = _failure("kv", *command, "--data", str(data), **options)
    assert (code, stdout) == (1, "")
    assert stderr in {
        f"Error: {data}: {reason}\nHint: name a place that can be written to, with --data FILE\n"
        for reason in ("it cannot be written", "unable to open it")
    }


def _not_a_database(path):
    path.write_text("these are my notes, and they are long enough " * 50)


def _of_a_newer_kvgen(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 999")
    db.close()


def _damaged(path):
    store = Store(path)
    namespace = store.ensure_namespace("dev")
    for number in range(2000):
        store.put(namespace, str(number), b"x" * 100)
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)


def _below_a_file(path):
    path.parent.rmdir()
    path.parent.write_text("a file, not a folder")


@pytest.mark.parametrize(
    ("spoil", "reason", "hint"),
    [
        (_not_a_database, "this is not a database", "name another file with --data FILE"),
        (_damaged, "this database is damaged", "name another file with --data FILE"),
        (
            _of_a_newer_kvgen,
            "it was written by a newer kvgen",
            "upgrade kvgen, or name another file",
        ),
        (
            _below_a_file,
            "unable to open it",
            "name a place that can be written to, with --data FILE",
        ),
    ],
)
@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("put", "a", "x"), ("export",)])
def test_file_that_is_no_good_is_a_clear_error(tmp_path, spoil, reason, hint, command):
    data = tmp_path / "below" / "kv.db"
    data.parent.mkdir()
    spoil(data)
    before = data.read_bytes() if data.is_file() else None
    code, stdout, stderr = _failure("kv", *command, "--data", str(data))
    assert (code, stdout) == (1, "")
    assert stderr == f"Error: {data}: {reason}\nHint: {hint}\n"
    assert (data.read_bytes() if data.is_file() else None) == before


def test_database_of_an_older_kvgen_is_brought_up_to_date(tmp_path):
    data = tmp_path / "kv.db"
    store = Store(data)
    namespace = store.ensure_namespace("dev")
    store.put(namespace, "a", b"1")
    store.close()
    db = sqlite3.connect(data)
    for column in ("deleted_at", "gone_at"):
        db.execute(f"ALTER TABLE namespaces DROP COLUMN {column}")
    db.execute("PRAGMA user_version = 1")
    db.close()
    store = Store(data)
    entry = store.get(store.ensure_namespace("dev"), "a")
    assert entry
    assert entry.value == b"1"
    store.close()
