"""Keys, what is stored and for how long, and what concurrent requests share."""

import asyncio
import json
import time
from email.utils import formatdate

import pytest
from starlette.responses import JSONResponse, Response

from function.cache import cache_key, cached

pytestmark = pytest.mark.anyio

KEY = "cache/test"
TTL = 300


class Load:
    """Counts how often it is called, and returns a response each time."""

    def __init__(self, content=b"hello", status=200, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = Response(content, status, headers)
        self.calls = 0

    async def __call__(self):
        self.calls += 1
        await asyncio.sleep(0.01)
        return self.response


async def verdicts(load, times=2):
    return [(await cached(KEY, TTL, load)).headers["X-Cache"] for _ in range(times)]


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("/", "cache/api/"),
        ("/users?page=2", "cache/api/users=3Fpage=3D2"),
        ("/users?", "cache/api/users"),
        ("/a%20b", "cache/api/a=2520b"),
        ("/" + "a" * 300, "cache/api/=sha256/"),
    ],
)
def test_key_of_a_target(target, key):
    assert cache_key("api", target).startswith(key)


@pytest.mark.parametrize("target", ["*", "/a/../b", "/%2e%2E/", "/a|b", "/%zz"])
def test_malformed_target_has_no_key(target):
    assert cache_key("api", target) is None


@pytest.mark.parametrize("content", ["\u2028ü".encode(), b"\x00\xff\xfe"])
async def test_second_response_is_from_the_cache(fake_kv, content):
    load = Load(content, etag='"1"')
    assert await verdicts(load) == ["MISS", "HIT"]
    hit = await cached(KEY, TTL, load)
    assert (hit.body, hit.headers["ETag"], hit.headers["Age"]) == (content, '"1"', "0")
    assert load.calls == 1


async def test_result_of_any_slow_function_is_cached(fake_kv):
    async def report():
        return JSONResponse({"total": 1})

    assert await verdicts(report) == ["MISS", "HIT"]


@pytest.mark.parametrize(
    ("headers", "lifetime"),
    [
        ({}, TTL),
        ({"cache_control": "max-age=60"}, 60),
        ({"cache_control": "max-age=60, S-MaxAge=10"}, 10),
        ({"cache_control": "max-age=9999"}, TTL),
        ({"cache_control": "max-age=120", "age": "100"}, 20),
        ({"cache_control": "no-store", "cdn_cache_control": "max-age=60"}, 60),
        ({"expires": formatdate(time.time() + 60, usegmt=True)}, 60),
        ({"cache_control": "private; max-age=60"}, None),
        ({"cache_control": "NO-STORE"}, None),
        ({"cache_control": "max-age=0"}, None),
        ({"cache_control": "max-age=soon"}, None),
        ({"cache_control": "max-age=60", "age": "60"}, None),
        ({"cdn_cache_control": "max-age=60;;"}, None),
        ({"expires": "0"}, None),
        ({"pragma": "no-cache"}, None),
        ({"set_cookie": "a=b"}, None),
        ({"content_encoding": "gzip"}, None),
        ({"vary": "Accept, *"}, None),
        ({"status": 404}, None),
        ({"content": b"x" * 2**20}, None),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_response_is_stored_for_as_long_as_it_says(fake_kv, headers, lifetime):
    started = time.time() * 1000
    await cached(KEY, TTL, Load(**headers))
    if lifetime is None:
        assert fake_kv.values == {}
        return
    expires_at = json.loads(fake_kv.values[KEY])["expires_at"]
    assert lifetime - 2 <= (expires_at - started) / 1000 <= lifetime + 2


async def test_stored_value_that_is_no_entry_is_a_miss(fake_kv):
    for stored in ("[1, 2", "null", '{"status": 200}'):
        fake_kv.values[KEY] = stored
        assert await verdicts(Load()) == ["MISS", "HIT"]


async def test_failing_store_is_bypassed(fake_kv):
    fake_kv.failing = 401
    assert await verdicts(Load()) == ["BYPASS", "BYPASS"]
    assert fake_kv.calls == [("GET", KEY)] * 2


async def test_concurrent_requests_share_one_load(fake_kv):
    load = Load()
    await asyncio.gather(*(verdicts(load, 1) for _ in range(10)))
    assert load.calls == 1
    assert fake_kv.calls == [("GET", KEY), ("PUT", KEY)]


async def test_response_that_is_not_stored_is_not_shared(fake_kv):
    load = Load(cache_control="private")
    await asyncio.gather(*(verdicts(load, 1) for _ in range(10)))
    assert load.calls == 10
    assert fake_kv.calls == [("GET", KEY)]
