"""The handler against a key-value store in a few lines."""

import asyncio
import json
import time

import pytest
from aiohttp import web

from function import kv
from function.client import close_client
from function.flag import read_flag
from function.handler import handler
from function.http import Headers, Request

FLAG = "new-ui"
DEFAULT = False


class Store:
    """A store with one key; ``status`` answers what is asked for it."""

    def __init__(self):
        self.status, self.value, self.calls = 200, "", 0

    async def answer(self, request):
        self.calls += 1
        return web.Response(status=self.status, text=self.value)


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def run(store, monkeypatch):
    """Run a coroutine while the store serves."""

    async def serve(scenario):
        runner = web.ServerRunner(web.Server(store.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        monkeypatch.setenv("TELNYX_BASE_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("TELNYX_API_KEY", "test")
        monkeypatch.setenv("KV_NAMESPACE_ID", "test")
        kv.read_store.cache_clear()
        try:
            return await scenario
        finally:
            await close_client()
            await runner.cleanup()

    return lambda scenario: asyncio.run(serve(scenario))


def envelope(value, lifetime):
    expires_at = int(time.time() * 1000) + lifetime
    return json.dumps({"value": value, "expires_at": expires_at})


def test_answer_says_which_way_the_flag_went(run, store):
    async def scenario():
        request = Request("GET", "/", Headers())
        store.status = 401  # which is never remembered, so that the default comes first
        by_default = await handler(request)
        store.status, store.value = 200, str(not DEFAULT).lower()
        return by_default, await handler(request)

    for is_on, response in zip((DEFAULT, not DEFAULT), run(scenario()), strict=True):
        way, page = ("on", "New UI") if is_on else ("off", "Old UI")
        assert response["headers"]["X-Flag"] == f"{FLAG}={way}"
        assert page in response["body"]


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize(
    ("status", "value", "expected"),
    [
        (200, "true", True),
        (200, "false", False),
        (200, envelope("true", 60_000), True),
        (200, envelope("true", -1), None),
        (200, envelope("false", -1), None),
        (200, "TRUE", None),
        (200, "1", None),
        (200, "", None),
        (404, "", None),
        (401, "true", None),
    ],
)
def test_flag_is_what_the_store_says_or_the_default(
    run, store, default, status, value, expected
):
    store.status, store.value = status, value
    flag = run(read_flag("any", default, 0))
    assert flag is (default if expected is None else expected)


def test_flag_is_remembered_for_as_long_as_it_may_be_a_failure_never(run, store):
    async def scenario():
        flags = []
        for store.status, store.value in [(401, ""), (200, "true"), (200, "false")]:
            flags.append(await read_flag("kept", False, 60))
        return flags

    assert run(scenario()) == [False, True, True]
    assert store.calls == 2
