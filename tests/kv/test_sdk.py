"""The vendor's own packages, of PyPI and npm, unmodified: nothing but their base URL is changed."""

import io
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from kvgen.languages.toolchains import find_node
from tests.kv.conftest import KEY, served

_ROOT = Path(__file__).parents[2]
_BYTES = b"\x00\xff\r\n"


@pytest.fixture(scope="module")
def telnyx():
    """The package, which takes over a second to import: other workers need not wait for it."""
    import telnyx

    return telnyx


@pytest.fixture
def service(tmp_path, monkeypatch):
    """A KV whose namespaces take their time, which the SDKs find by their usual environment."""
    with served(tmp_path / "kv.db", "--provision-seconds", "0.3", "--api-key", KEY) as serving:
        monkeypatch.setenv("TELNYX_BASE_URL", f"{serving.url}/v2")
        monkeypatch.setenv("TELNYX_API_KEY", KEY)
        yield serving


def _kvs(telnyx: Any, **options: Any) -> Any:
    # Untyped: all that an answer has is optional in the package's models.
    return telnyx.Telnyx(max_retries=0, **options).storage.kvs


def _until_gone(telnyx, kvs, namespace_id):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            kvs.retrieve(namespace_id)
        except telnyx.NotFoundError:
            return
    raise AssertionError("the namespace is still there")


def _provisioned(kvs, name):
    created = kvs.create(name=name).data
    deadline = time.monotonic() + 10
    while kvs.retrieve(created.id).data.status == "pending":
        assert time.monotonic() < deadline
    return created


def test_python_package_manages_namespaces(service, telnyx):
    kvs = _kvs(telnyx)
    created = kvs.create(name="from-pypi").data
    assert (created.record_type, created.name, created.status) == (
        "storage_kv",
        "from-pypi",
        "pending",
    )
    with pytest.raises(telnyx.ConflictError, match="not ready"):
        kvs.keys.retrieve("a", id=created.id)
    with pytest.raises(telnyx.ConflictError, match="name exists"):
        kvs.create(name="from-pypi")
    with pytest.raises(telnyx.BadRequestError, match="a-z"):
        kvs.create(name="No!")
    names = [f"page-{letter}" for letter in "abc"]
    for name in names:
        kvs.create(name=name)
    assert [space.name for space in kvs.list(page_size=2)] == ["dev", "from-pypi", *names]
    assert kvs.delete(created.id).data.status == "deleting"
    with pytest.raises(telnyx.ConflictError, match="already being deleted"):
        kvs.delete(created.id)
    _until_gone(telnyx, kvs, created.id)
    assert [space.name for space in kvs.list()] == ["dev", *names]
    with pytest.raises(telnyx.AuthenticationError):
        list(_kvs(telnyx, api_key="wrong").list())


def test_python_package_reads_and_writes_keys(service, telnyx):
    kvs = _kvs(telnyx)
    space = _provisioned(kvs, "from-pypi")
    keys = kvs.keys
    first = keys.with_raw_response.update("user/1", _BYTES, id=space.id)
    again = keys.with_raw_response.update("user/1", io.BytesIO(_BYTES), id=space.id)
    assert (first.status_code, again.status_code) == (201, 200)
    value = keys.retrieve("user/1", id=space.id)
    assert value.read() == _BYTES
    assert value.headers["content-type"] == "application/octet-stream"
    keys.update("short", b"x", id=space.id, ttl_secs=3600)
    with pytest.raises(telnyx.UnprocessableEntityError):
        keys.update("short", b"y", id=space.id, ttl_secs=0)
    assert keys.retrieve("short", id=space.id).read() == b"x"
    with pytest.raises(telnyx.BadRequestError, match="10015"):
        keys.update("a:b", b"x", id=space.id)
    with pytest.raises(telnyx.APIStatusError) as refused:
        keys.update("large", b"x" * 1_048_577, id=space.id)
    assert refused.value.status_code == 413
    for number in range(7):
        keys.update(f"page/{number}", b"123", id=space.id)
    listed = list(keys.list(space.id, prefix="page/", limit=3))
    assert [row.key for row in listed] == [f"page/{number}" for number in range(7)]
    assert {row.size_bytes for row in listed} == {3}
    for _ in range(2):
        keys.delete("user/1", id=space.id)
    with pytest.raises(telnyx.NotFoundError):
        keys.retrieve("user/1", id=space.id)


def test_npm_package_does_every_call(service):
    tools = _ROOT / "build" / "tools"
    assert (tools / "node_modules" / "telnyx").is_dir(), "make build/tools/ready installs it"
    done = subprocess.run(
        [str(find_node()), str(Path(__file__).with_name("sdk.mjs"))],
        env={**os.environ, "TOOLS": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    created, row = seen.pop("created"), seen.pop("row")
    assert (created["name"], created["status"]) == ("from-npm", "pending")
    assert (row["key"], row["size_bytes"]) == ("user/1", 4)
    assert seen == {
        "pending": [409, "ConflictError"],
        "taken": [409, "ConflictError"],
        "illegal": [400, "BadRequestError"],
        "namespaces": ["dev", "from-npm", "page-a", "page-b", "page-c"],
        "put": [201, ""],
        "again": 200,
        "value": ["application/octet-stream", _BYTES.hex()],
        "typed": ["application/json", '{"a":1}'],
        "lifetime": 201,
        "badLifetime": [422, "UnprocessableEntityError"],
        "colon": [400, "BadRequestError"],
        "large": [413, "APIError"],
        "missing": [404, "NotFoundError"],
        "keys": [f"page/{number}" for number in range(7)],
        "deletedKey": [404, "NotFoundError"],
        "deleting": "deleting",
        "alreadyDeleting": [409, "ConflictError"],
        "gone": [404, "NotFoundError"],
        "stranger": [401, "AuthenticationError"],
    }
