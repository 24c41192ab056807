"""A KV that `kvgen kv serve` serves, in a process of its own."""

import contextlib
import json
import signal
import socket
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import kvgen_process

KEY = "a-key-for-tests"


@dataclass
class Served:
    """Where it listens, its process, and a client that has a valid bearer."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    http: httpx.Client
    said: dict[str, str]

    def namespace(self, **body: object) -> str:
        """Create a namespace and return the path of its keys."""
        name = {"name": f"test-{uuid.uuid4().hex}"}
        created = self.http.post("/v2/storage/kvs", json=name | body)
        assert created.status_code == 201, created.text
        return f"/v2/storage/kvs/{created.json()['data']['id']}/keys"


@contextlib.contextmanager
def served(data: Path, *options: str, **popen: object) -> Iterator[Served]:
    arguments = ["kv", "serve", "--port", "0", "--json", "--data", str(data), *options]
    options_of_process = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, **popen}
    process = kvgen_process(arguments, (), **options_of_process)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        said = json.loads(line)
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(
            base_url=said["url"], headers=headers, timeout=20, trust_env=False
        ) as http:
            yield Served(said["url"], Path(said["data"]), process, http, said)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


@pytest.fixture(scope="module")
def kv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("kv") / "kv.db") as serving:
        yield serving


@pytest.fixture
def keys(kv: Served) -> str:
    """The path of the keys of a namespace that is the test's own."""
    return kv.namespace()


def is_problem(response: httpx.Response, status: int, code: str | None = None) -> bool:
    """Whether it is the documented error body: one error, codes that are strings."""
    assert response.status_code == status, response.text
    (error,) = response.json()["errors"]
    assert set(error) == {"code", "title", "detail", "meta", "source"}
    assert isinstance(error["code"], str)
    assert error["meta"]["url"] == response.request.url.path
    return code is None or error["code"] == code


def sent_until_refused(raw: socket.socket, chunk: bytes) -> int:
    """Send without end; returns how many bytes went before the server had enough."""
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 64 * 1_048_576:
            sent += raw.send(chunk)
    return sent
