"""The handler against a key-value store in a few lines."""

import asyncio
import json
import time

import pytest
from aiohttp import web

from function import kv
from function.client import close_client
from function.handler import handler
from function.http import Headers, Request
from function.kv import KvError

HEADER = "X-Session-ID"
TTL = 86400
ID = "a-session-id-for-tests"


class Store:
    """What the function stored, by path; ``failing`` is a status that answers all."""

    def __init__(self):
        self.stored = {}
        self.failing = 0

    async def answer(self, request):
        key, body = request.path, await request.read()
        if self.failing:
            return web.Response(status=self.failing)
        if request.method == "PUT":
            self.stored[key] = body
        elif request.method == "DELETE":
            self.stored.pop(key, None)
        elif key not in self.stored:
            return web.Response(status=404)
        return web.Response(body=self.stored.get(key))

    def put(self, value):
        """Store another text under the one key that there is."""
        (key,) = self.stored
        self.stored[key] = value.encode()


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def run(store, monkeypatch):
    """Run a coroutine while the store serves."""

    async def serve(scenario):
        runner = web.ServerRunner(web.Server(store.answer))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
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


async def ask(method, session_id=None):
    fields = [] if session_id is None else [(HEADER, session_id)]
    return await handler(Request(method, "/", Headers(fields)))


async def views_after(method, session_id):
    response = await ask(method, session_id)
    assert response["status"] == 200
    return json.loads(response["body"])["views"]


def test_session_counts_its_requests(run):
    async def scenario():
        return [await views_after(method, ID) for method in ("GET", "GET", "POST")]

    assert run(scenario()) == [0, 1, 2]


def test_post_without_an_id_starts_a_session_under_a_new_one(run):
    async def scenario():
        response = await ask("POST")
        session_id = response["headers"][HEADER]
        return response["status"], session_id, await views_after("GET", session_id)

    status, session_id, views = run(scenario())
    assert (status, len(session_id), views) == (201, 32, 1)


def test_session_lives_for_its_lifetime_from_now(run, store):
    earliest = int(time.time() * 1000) + TTL * 1000
    run(ask("GET", ID))
    (envelope,) = map(json.loads, store.stored.values())
    assert earliest <= envelope["expires_at"] <= time.time() * 1000 + TTL * 1000


@pytest.mark.parametrize(("lifetime", "views"), [(60_000, 8), (-1, 0)])
def test_session_counts_on_until_it_expires(run, store, lifetime, views):
    async def scenario():
        await ask("GET", ID)
        value = json.dumps({"created": 1, "views": 7})
        expires_at = int(time.time() * 1000) + lifetime
        store.put(json.dumps({"value": value, "expires_at": expires_at}))
        return await views_after("GET", ID)

    assert run(scenario()) == views


def test_stored_value_that_is_no_session_starts_afresh(run, store):
    async def scenario():
        await ask("GET", ID)
        store.put("[1, 2")
        return await views_after("GET", ID)

    assert run(scenario()) == 0


def test_delete_removes_the_session(run, store):
    async def scenario():
        await ask("GET", ID)
        return await ask("DELETE", ID)

    assert run(scenario())["status"] == 204
    assert store.stored == {}


@pytest.mark.parametrize("session_id", [None, "", "short", "x" * 129, f"{ID}, {ID}"])
def test_id_that_is_not_legal_is_refused(run, store, session_id):
    assert run(ask("GET", session_id))["status"] == 400
    assert store.stored == {}


def test_other_methods_are_refused_with_those_that_are_allowed(run):
    response = run(ask("PUT", ID))
    assert response["status"] == 405
    assert response["headers"]["Allow"] == "GET, POST, DELETE"


def test_failing_store_is_never_taken_for_a_missing_session(run, store):
    store.failing = 401
    with pytest.raises(KvError):
        run(ask("GET", ID))
