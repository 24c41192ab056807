"""Many keys at a time, while others write and the store fails; and retries."""

import asyncio
import contextlib
import json
import os
from typing import Any

import pytest

from kvgen.errors import KvgenError
from kvgen.kv import client as client_module
from kvgen.kv.client import Client
from kvgen.kv.endpoints import local, remote
from kvgen.kv.envelope import wrap
from kvgen.kv.transfer import Item, delete_expired, expired_keys, import_items
from tests.conftest import kvgen_process
from tests.kv.conftest import KEY, served


@pytest.fixture
def remotely(tmp_path, monkeypatch):
    """Serve with options; --remote then leads there. Returns what serves, with its keys' path."""
    with contextlib.ExitStack() as stack:

        def start(*options):
            kv = stack.enter_context(served(tmp_path / "remote.db", "--api-key", KEY, *options))
            keys = kv.namespace()
            monkeypatch.setenv("KV_NAMESPACE_ID", keys.split("/")[4])
            monkeypatch.setenv("TELNYX_API_KEY", KEY)
            monkeypatch.setenv("TELNYX_BASE_URL", kv.url)
            return kv, keys

        yield start


@pytest.fixture
def impatient(monkeypatch):
    """Retry as often as ever, and sooner."""
    monkeypatch.setattr(client_module, "_RETRIES", (0.01, 0.02, 0.04))


def _export(kv, keys):
    return {
        row["key"]: kv.http.get(f"{keys}/{row['key']}").content
        for row in kv.http.get(keys).json()["data"]
    }


def test_import_that_fails_in_the_middle_puts_back_what_it_wrote(kvgen, remotely, impatient):
    kv, keys = remotely("--fault", "PUT c: 500")
    kv.http.put(f"{keys}/a", content=b"before", headers={"Content-Type": "text/plain"})
    items = [{"key": key, "value": "after"} for key in "abcd"]
    result = kvgen("kv", "import", "-", "--remote", input=json.dumps(items))
    assert result.exit_code == 1
    assert "PUT failed: 500 This failure was injected by --fault." in result.stderr
    assert _export(kv, keys) == {"a": b"before"}
    assert kv.http.get(f"{keys}/a").headers["content-type"] == "text/plain"


def test_import_whose_answer_is_lost_is_put_back_too(kvgen, remotely, impatient):
    kv, keys = remotely("--fault", "PUT b: cut")
    items = [{"key": key, "value": "after"} for key in "ab"]
    result = kvgen("kv", "import", "-", "--remote", input=json.dumps(items))
    assert result.exit_code == 1
    assert _export(kv, keys) == {}


def test_import_that_cannot_be_put_back_says_what_is_left(kvgen, remotely, impatient):
    _, _ = remotely("--fault", "PUT b: 500", "--fault", "DELETE a: 500")
    items = [{"key": key, "value": "after"} for key in "ab"]
    result = kvgen("kv", "import", "-", "--remote", input=json.dumps(items))
    assert result.exit_code == 1
    assert "these could not be put back as they were: a\n" in result.stderr


def test_quota_of_the_remote_is_waited_out(kvgen, remotely):
    kv, keys = remotely("--rate-limit", "60")
    while kv.http.get(keys).status_code != 429:
        pass
    result = kvgen("kv", "put", "a", "x", "--remote")
    assert result.exit_code == 0
    assert "the quota is used up (429): trying again in 1 s\n" in result.stderr
    assert result.stderr.endswith("Created a (1 B)\n")


def test_waits_for_the_quota_grow_and_end(remotely, monkeypatch):
    _, _ = remotely("--fault", "GET *: 429")
    patience = client_module._PATIENCE
    assert list(patience) == sorted(patience)
    assert sum(patience) > 60  # a quota of a minute has come back in between
    shorter = [seconds / 1000 for seconds in patience]
    monkeypatch.setattr(client_module, "_PATIENCE", shorter)
    waits = []

    async def read():
        async with remote(on_pause=lambda status, seconds: waits.append(seconds)) as client:
            await client.get("a")

    with pytest.raises(KvgenError, match="429"):
        asyncio.run(read())
    assert waits == shorter


def test_failures_of_the_remote_are_retried_and_said(kvgen, remotely):
    _, _ = remotely("--fault", "GET *: 503 60%", "--fault-seed", "7")
    result = kvgen("kv", "get", "a", "--remote")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "the store failed: trying again in 0.5 s\nthe store failed: trying again in 1 s\n"
    )
    assert "there is no key 'a'" in result.stderr


def test_noise_from_the_remote_is_a_clear_error(kvgen, remotely):
    _, _ = remotely("--fault", "LIST *: garbage")
    result = kvgen("kv", "list", "--remote")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the response of the store is not JSON" in result.stderr


@pytest.mark.parametrize("key", [".", ".."])
def test_key_that_is_another_path_on_its_way_is_not_sent(kvgen, remotely, key):
    kv, keys = remotely()
    for command in (("get", key), ("put", key, "x"), ("delete", key)):
        result = kvgen("kv", *command, "--remote")
        assert result.exit_code == 1
        assert "in a URL it would be another path" in result.stderr
    assert kv.http.get(keys).status_code == 200


@pytest.mark.parametrize("key", [".", "..", "a/../b", "a//b", "=", "x" * 256])
def test_any_legal_key_is_reached_here(kvgen, tmp_path, key):
    data = ("--data", str(tmp_path / "kv.db"))
    assert kvgen("kv", "put", key, "x", *data).exit_code == 0
    assert kvgen("kv", "get", key, *data).stdout == "x"
    assert kvgen("kv", "list", "--names", *data).stdout == f"{key}\n"
    exported = kvgen("kv", "export", *data).stdout
    assert kvgen("kv", "delete", key, *data).exit_code == 0
    assert kvgen("kv", "import", "-", *data, input=exported).exit_code == 0
    assert kvgen("kv", "get", key, *data).stdout == "x"


def _locally(tmp_path, work):
    async def run():
        async with local(tmp_path / "kv.db") as client:
            return await work(client)

    return asyncio.run(run())


def test_sweep_spares_what_was_written_since_it_looked(tmp_path):
    async def work(client: Client):
        for key in ("renewed", "gone", "old"):
            await client.put(key, wrap("x", 1000))
        found = [key async for key, is_expired in expired_keys(client, ["gone", "old", "renewed"])]
        await client.put("renewed", wrap("x", 10**15))
        await client.delete("gone")
        swept = [pair async for pair in delete_expired(client, found)]
        return swept, [item.key async for item in client.keys("")]

    swept, left = _locally(tmp_path, work)
    assert swept == [("gone", False), ("old", True), ("renewed", False)]
    assert left == ["renewed"]


def test_import_that_is_interrupted_puts_back_what_it_wrote(tmp_path):
    async def work(client: Client):
        await client.put("a", b"before")
        items = [Item(key, b"after", None, None) for key in "abc"]
        writing: Any = import_items(client, items)
        await anext(writing)
        await anext(writing)
        with pytest.raises(KeyboardInterrupt):
            await writing.athrow(KeyboardInterrupt)
        return [await client.get(item.key) async for item in client.keys("")]

    assert [value.content for value in _locally(tmp_path, work)] == [b"before"]


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_export_is_utf_8_whatever_the_terminal_is(tmp_path, encoding):
    data = ("--data", str(tmp_path / "kv.db"))
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    put = kvgen_process(["kv", "put", "a", "ü\u2028", *data], env=environment)
    assert put.wait(20) == 0
    export = kvgen_process(["kv", "export", *data], env=environment, stdout=-1, encoding="utf-8")
    assert json.loads(export.communicate(timeout=20)[0]) == [{"key": "a", "value": "ü\u2028"}]
