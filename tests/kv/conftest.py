"""A KV that `kvgen kv serve` serves, in a process of its own, over SQLite or over Redis."""

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

from kvgen.kv.stores import Place
from tests.conftest import kvgen_process
from tests.kv.redis_server import RedisServer

KEY = "a-key-for-tests"

#: For what both stores have to do: ``pytestmark = ON_BOTH_STORES``.
ON_BOTH_STORES = pytest.mark.parametrize("kind", ["sqlite", "redis"], indirect=True, scope="module")


@dataclass
class Served:
    """Where it listens, its process, and a client that has a valid bearer."""

    url: str
    data: str
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
def served(place: Place, *options: str, **popen: object) -> Iterator[Served]:
    option = "--data" if isinstance(place, Path) else "--store"
    arguments = ["kv", "serve", "--port", "0", "--json", option, str(place), *options]
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
            yield Served(said["url"], said["data"], process, http, said)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    """Which store it is: SQLite's, unless the module asks for both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def place(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """A store of the test's own, with nothing in it."""
    return _emptied(request, 1) if kind == "redis" else tmp_path / "kv.db"


@pytest.fixture(scope="module")
def kv(
    kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("kv") / "kv.db"
    with served(_emptied(request, 0) if kind == "redis" else file) as serving:
        yield serving


def _emptied(request: pytest.FixtureRequest, database: int) -> str:
    server: RedisServer = request.getfixturevalue("redis_server")
    with server.client(database) as client:
        client.flushdb()
    return server.url(database)


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
