"""What the tests share: a key-value store in memory, and a client of the function."""

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from function import kv, new


class FakeKv:
    """A key-value store; ``failing`` is the status of every response if it is set."""

    def __init__(self):
        self.values = {}
        self.calls = []
        self.failing = None

    async def answer(self, request):
        key = request.path.partition("/keys/")[2]
        self.calls.append((request.method, key))
        value = await request.read()
        if self.failing:
            return web.Response(status=self.failing)
        if request.method == "PUT":
            self.values[key] = value.decode()
        elif request.method == "DELETE":
            self.values.pop(key, None)
        elif key not in self.values:
            return web.Response(status=404)
        return web.Response(text=self.values.get(key))


@pytest.fixture
def anyio_backend():
    """Run async tests and fixtures with asyncio."""
    return "asyncio"


@pytest.fixture
async def serve():
    """Start servers, each from a function that responds to requests; return the URL."""
    servers = []

    async def start(answer):
        servers.append(RawTestServer(answer))
        await servers[-1].start_server()
        return str(servers[-1].make_url("/"))

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
async def fake_kv(serve, monkeypatch):
    """The key-value store that the function calls."""
    fake_kv = FakeKv()
    monkeypatch.setenv("TELNYX_BASE_URL", await serve(fake_kv.answer))
    monkeypatch.setenv("TELNYX_API_KEY", "test")
    monkeypatch.setenv("KV_NAMESPACE_ID", "test")
    kv.read_store.cache_clear()
    yield fake_kv
    await kv.close_client()


@pytest.fixture
async def client(fake_kv):
    """A client that calls the function as the platform does."""
    transport = httpx.ASGITransport(new().handle)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
