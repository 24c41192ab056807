"""The function over HTTP: responses of an origin, and of the cache."""

import asyncio
import json
import time

import pytest
from aiohttp import web

from function.handler import CACHE_PREFIX, CACHE_TTL

pytestmark = pytest.mark.anyio


class Origin:
    """Counts its requests, and responds with the target."""

    def __init__(self):
        self.asked = []
        self.is_down = False

    async def answer(self, request):
        self.asked.append(request)
        if self.is_down:
            request.transport.abort()
        return web.Response(text=request.path_qs)


@pytest.fixture
async def origin(serve, monkeypatch):
    origin = Origin()
    monkeypatch.setenv("ORIGIN_URL", await serve(origin.answer))
    return origin


async def test_second_request_is_answered_from_the_cache(client, origin):
    for target in ("/users?page=2", "/users?page=3"):
        for verdict in ("MISS", "HIT"):
            response = await client.get(target)
            assert (response.status_code, response.text) == (200, target)
            assert response.headers["X-Cache"] == verdict
    assert len(origin.asked) == 2


async def test_response_expires_after_its_lifetime(client, fake_kv, origin):
    await client.get("/")
    expires_at = json.loads(fake_kv.values[f"cache/{CACHE_PREFIX}/"])["expires_at"]
    assert CACHE_TTL - 5 <= expires_at / 1000 - time.time() <= CACHE_TTL


async def test_concurrent_requests_ask_the_origin_once(client, origin):
    await asyncio.gather(*(client.get("/") for _ in range(10)))
    assert len(origin.asked) == 1


async def test_response_to_one_user_is_neither_read_nor_stored(client, fake_kv, origin):
    headers = {"Authorization": "Bearer x", "Cookie": "a=b"}
    response = await client.get("/me", headers=headers)
    assert (response.text, response.headers["X-Cache"]) == ("/me", "BYPASS")
    assert origin.asked[0].headers["Authorization"] == "Bearer x"
    assert "Cookie" not in origin.asked[0].headers
    assert fake_kv.calls == []


async def test_head_has_no_body(client, origin):
    response = await client.head("/users")
    assert (response.content, response.headers["Content-Length"]) == (b"", "6")
    assert origin.asked[0].method == "GET"


async def test_without_the_store_the_origin_answers(client, fake_kv, origin):
    fake_kv.failing = 401
    response = await client.get("/")
    assert (response.status_code, response.headers["X-Cache"]) == (200, "BYPASS")
    assert fake_kv.calls == [("GET", f"cache/{CACHE_PREFIX}/")]


async def test_origin_that_is_down_is_502(client, origin):
    origin.is_down = True
    response = await client.get("/")
    assert (response.status_code, response.json()) == (
        502,
        {"error": "origin unreachable"},
    )


async def test_malformed_target_is_400(client, fake_kv, origin):
    response = await client.get("/%2e%2e/")
    assert response.status_code == 400
    assert fake_kv.calls == origin.asked == []


async def test_other_methods_are_refused(client, origin):
    response = await client.post("/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
