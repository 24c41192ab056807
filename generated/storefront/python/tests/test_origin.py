"""Which requests the origin gets, and what is passed on from its responses."""

import pytest
from aiohttp import web
from starlette.exceptions import HTTPException

from function.origin import fetch_origin

pytestmark = pytest.mark.anyio


async def test_origin_is_asked_for_the_target_as_it_is(fake_kv, serve, monkeypatch):
    asked = []

    async def answer(request):
        asked.append(request)
        headers = {"X-Own": "1", "Connection": "X-Hop", "X-Hop": "1"}
        return web.Response(status=302, text="moved", headers=headers)

    monkeypatch.setenv("ORIGIN_URL", f"{await serve(answer)}base/")
    sent = {"Authorization": "Bearer x", "Cookie": "a=b"}
    response = await fetch_origin("/a%20b?page=2", sent)

    assert asked[0].raw_path == "/base/a%20b?page=2"
    assert asked[0].headers["Authorization"] == "Bearer x"
    assert "Cookie" not in asked[0].headers
    assert (response.status_code, response.body) == (302, b"moved")
    assert response.headers["X-Own"] == "1"
    assert "X-Hop" not in response.headers


async def test_origin_that_hangs_up_is_502(fake_kv, serve, monkeypatch):
    async def answer(request):
        request.transport.abort()
        return web.Response()

    monkeypatch.setenv("ORIGIN_URL", await serve(answer))
    with pytest.raises(HTTPException) as error:
        await fetch_origin("/")
    assert error.value.status_code == 502


async def test_response_that_is_too_large_is_502(fake_kv, serve, monkeypatch):
    async def answer(request):
        return web.Response(body=b"x" * (10 * 2**20 + 1))

    monkeypatch.setenv("ORIGIN_URL", await serve(answer))
    with pytest.raises(HTTPException) as error:
        await fetch_origin("/")
    assert error.value.detail == "origin response too large"
