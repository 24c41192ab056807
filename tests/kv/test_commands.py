"""The kv commands as a person types them, on the KV of a folder and on a remote one."""

import json
import os
import signal
import time

import pytest

from tests.conftest import kvgen_process
from tests.kv.conftest import KEY, served


@pytest.fixture
def kv(kvgen, tmp_path, monkeypatch):
    """Run `kvgen kv …` in a function's folder."""
    assert kvgen("new", "session", "function", "-l", "go").exit_code == 0
    monkeypatch.chdir(tmp_path / "function")
    return lambda *arguments, **options: kvgen("kv", *arguments, **options)


def test_value_is_stored_and_printed_byte_for_byte(kv):
    value = bytes(range(256))
    assert kv("put", "a", input=value).exit_code == 0
    assert kv("get", "a").stdout_bytes == value


def test_value_may_come_from_an_argument_a_file_or_standard_input(kv, tmp_path):
    (tmp_path / "value").write_bytes(b"from a file")
    kv("put", "a", "from an argument")
    kv("put", "b", "--file", str(tmp_path / "value"))
    kv("put", "c", "--file", "-", input="from standard input")
    values = [kv("get", key).stdout for key in "abc"]
    assert values == ["from an argument", "from a file", "from standard input"]


def test_missing_key_is_status_1_and_nothing_on_stdout(kv):
    result = kv("get", "nope")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no key 'nope'" in result.stderr


def test_list_says_size_age_and_what_is_left(kv):
    kv("put", "session/a", "{}")
    kv("put", "big", "x" * 2000)
    kv("put", "soon", "x", "--expires-in", "2h")
    later = json.dumps({"value": "x", "expires_at": int(time.time() * 1000) - 1})
    kv("put", "gone", later)
    shown = kv("list").stdout
    assert [line.split() for line in shown.splitlines()] == [
        ["KEY", "SIZE", "AGE", "EXPIRES"],
        ["big", "2.0", "KiB", "0s"],
        ["gone", "43", "B", "0s", "expired"],
        ["session/a", "2", "B", "0s"],
        ["soon", "40", "B", "0s", "in", "1h", "59m"],
    ]
    assert kv("list", "s", "--names").stdout == "session/a\nsoon\n"
    rows = json.loads(kv("list", "--json").stdout)
    assert [row.get("expired") for row in rows] == [None, True, None, False]
    assert set(rows[3]) == {"key", "size_bytes", "updated_at", "expires_at", "expired"}


def test_list_of_nothing_says_so_beside_stdout(kv):
    result = kv("list")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no keys\n")


def test_expires_in_writes_the_envelope(kv):
    before = int(time.time() * 1000)
    kv("put", "a", "text", "--expires-in", "1h")
    envelope = json.loads(kv("get", "a").stdout)
    assert list(envelope) == ["value", "expires_at"]
    assert envelope["value"] == "text"
    assert before <= envelope["expires_at"] - 3_600_000 <= time.time() * 1000


def test_value_of_an_envelope_is_what_a_function_sees(kv):
    text = json.dumps({"views": 1, "name": 'ü "quoted"'})
    kv("put", "wrapped", text, "--expires-in", "1h")
    kv("put", "plain", text)
    kv("put", "expired", json.dumps({"value": text, "expires_at": 1}))
    kv("put", "half", r'{"value": "\ud800", "expires_at": 9000000000000}')
    assert json.loads(kv("get", "wrapped").stdout)["value"] == text
    for key, seen in {"wrapped": text, "plain": text, "half": "?"}.items():
        assert kv("get", "--value", key).stdout == seen
    result = kv("get", "--value", "expired")
    assert (result.exit_code, result.stdout) == (1, "")


def test_ttl_lets_the_store_delete_the_key(kv):
    kv("put", "a", "1", "--ttl", "1s")
    assert kv("get", "a").exit_code == 0
    deadline = time.monotonic() + 10
    while kv("get", "a").exit_code == 0:
        assert time.monotonic() < deadline


def test_delete_takes_keys_or_a_prefix(kv):
    for key in ("a", "b/1", "b/2", "c"):
        kv("put", key, "x")
    assert kv("delete", "a").exit_code == 0
    assert kv("delete", "--prefix", "b/", "--yes").stderr == "Deleted 2 keys\n"
    assert kv("list", "--names").stdout == "c\n"


def test_delete_of_a_prefix_asks_first(kv):
    kv("put", "a", "x")
    result = kv("delete", "--prefix", "a")
    assert (result.exit_code, "add --yes" in result.stderr) == (2, True)
    assert kv("list", "--names").stdout == "a\n"


def test_export_is_taken_back_byte_for_byte(kv):
    kv("put", "text", "ü\u2028")
    kv("put", "binary", input=b"\x00\xff")
    kv("put", "typed", "{}", "--content-type", "application/json")
    exported = kv("export").stdout
    kv("delete", "--prefix", "t", "--yes")
    kv("put", "binary", "changed")
    assert kv("import", "-", input=exported).exit_code == 0
    assert kv("export").stdout == exported
    assert kv("get", "binary").stdout_bytes == b"\x00\xff"


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "{}",
        '[{"key": "a"}]',
        '[{"key": "a:b", "value": "x"}]',
        '[{"key": "a", "value": "x"}, {"key": "a", "value": "y"}]',
        '[{"key": "a", "value": "x", "tll": 5}]',
        '[{"key": "a", "value": "x", "ttl_secs": 0}]',
        '[{"key": "a", "value": "x", "ttl_secs": true}]',
        '[{"key": "a", "value": "?", "base64": true}]',
        '[{"key": "a", "value": "x", "base64": "yes"}]',
        '[{"key": "a", "value": "x", "content_type": "a\\nb"}]',
        '[{"key": "a", "value": "\\ud800"}]',
        "[" * 100_000,
        '[{"key": "ok", "value": "x"}, 7]',
    ],
    ids=lambda text: text[:60],
)
def test_import_that_is_not_right_writes_nothing(kv, document, snapshot):
    result = kv("import", "-", input=document)
    assert result.exit_code == 1
    assert result.stderr == snapshot
    assert kv("list", "--names").stdout == ""


def test_import_reads_past_a_byte_order_mark(kv):
    document = json.dumps([{"key": "a", "value": "1"}])
    assert kv("import", "-", input=b"\xef\xbb\xbf" + document.encode()).exit_code == 0
    assert kv("get", "a").stdout == "1"


def test_import_of_a_value_that_is_too_large_writes_nothing(kv):
    items = [{"key": "ok", "value": "x"}, {"key": "big", "value": "x" * 1_048_577}]
    result = kv("import", "-", input=json.dumps(items))
    assert (result.exit_code, "at most 1048576 bytes" in result.stderr) == (1, True)
    assert kv("list", "--names").stdout == ""


def test_sweep_deletes_expired_envelopes_only(kv):
    past = int(time.time() * 1000) - 1
    kv("put", "s/old", json.dumps({"value": "x", "expires_at": past}))
    kv("put", "other/old", json.dumps({"value": "x", "expires_at": past}))
    kv("put", "s/young", "x", "--expires-in", "1h")
    kv("put", "s/bare", "x")
    assert kv("sweep", "--prefix", "s/", "--dry-run").stdout == "s/old\n"
    assert kv("sweep", "--prefix", "s/").stderr == "Deleted 1 expired key\n"
    assert kv("list", "--names").stdout == "other/old\ns/bare\ns/young\n"


def test_data_lies_outside_the_folder_and_hangs_on_its_real_path(kv, tmp_path, monkeypatch):
    before = sorted(os.listdir("."))
    kv("put", "a", "x")
    assert sorted(os.listdir(".")) == before
    (tmp_path / "alias").symlink_to(tmp_path / "function")
    monkeypatch.chdir(tmp_path / "alias")
    assert kv("get", "a").stdout == "x"
    (tmp_path / "function" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "function" / "below")
    assert kv("get", "a").stdout == "x"


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """Lead --remote to a KV that lets in one key only."""
    with served(tmp_path / "remote.db", "--api-key", KEY) as serving:
        namespace_id = serving.namespace().split("/")[4]
        monkeypatch.setenv("KV_NAMESPACE_ID", namespace_id)
        monkeypatch.setenv("TELNYX_API_KEY", KEY)
        monkeypatch.setenv("TELNYX_BASE_URL", f"{serving.url}/v2/")
        yield serving


def test_remote_is_the_service_that_the_environment_names(kv, remote):
    assert kv("put", "a/b", "there", "--remote").exit_code == 0
    assert kv("get", "a/b", "--remote").stdout == "there"
    assert kv("get", "a/b").exit_code == 1
    assert kv("list", "--names", "--remote").stdout == "a/b\n"
    assert kv("delete", "a/b", "--remote").exit_code == 0
    assert kv("list", "--names", "--remote").stdout == ""


def test_remote_refusal_is_told_without_the_credential(kv, remote, monkeypatch):
    monkeypatch.setenv("TELNYX_API_KEY", "a-wrong-secret")
    result = kv("get", "a", "--remote")
    assert result.exit_code == 1
    assert "401" in result.stderr
    assert "check TELNYX_API_KEY" in result.stderr
    assert "a-wrong-secret" not in result.stderr


@pytest.mark.parametrize("missing", ["KV_NAMESPACE_ID", "TELNYX_API_KEY"])
def test_remote_without_its_variables_names_the_missing_one(kv, remote, monkeypatch, missing):
    monkeypatch.delenv(missing)
    result = kv("get", "a", "--remote")
    assert (result.exit_code, f"{missing} is not set" in result.stderr) == (1, True)


def test_port_in_use_is_a_clear_error(kv, remote):
    port = remote.url.rsplit(":", 1)[1]
    result = kv("serve", "--port", port)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: cannot listen on 127.0.0.1:{port}: the port is in use\nHint: try --port 0\n"
    )


def test_bad_usage_is_refused_with_status_2(kv, snapshot):
    errors = {}
    for line in (
        "get a:b",
        "put a x --ttl 1y",
        "put a x --expires-in 0",
        "put a x --file /dev/null",
        "delete",
        "delete a --prefix b",
        "get a --data x.db --remote",
        "gett a",
    ):
        result = kv(*line.split())
        errors[line] = (result.exit_code, result.stderr)
    assert errors == snapshot
    assert {code for code, _ in errors.values()} == {2}


def test_outside_a_function_the_way_on_is_named(kvgen, snapshot):
    result = kvgen("kv", "list")
    assert (result.exit_code, result.stderr) == snapshot


def test_commands_share_the_folder_with_a_kv_that_is_being_served(kv, tmp_path):
    process = kvgen_process(["kv", "serve", "--port", "0", "--json"], stdout=-1, stderr=-1)
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert str(tmp_path / ".data") in said["data"]
        kv("put", "a", "shared")
        assert kv("get", "a").stdout == "shared"
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 128 + signal.SIGTERM
