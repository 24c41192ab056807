"""The handler against a key-value store and an origin in a few lines."""

import asyncio

import pytest
from aiohttp import web

from function import kv
from function import origin as origins
from function.client import close_client
from function.handler import handler
from function.http import Headers, Request


class Store:
    """What the function stored, by path; ``failing`` is a status that answers all."""

    def __init__(self):
        self.stored = {}
        self.failing = 0
        self.calls = 0

    async def answer(self, request):
        self.calls += 1
        key, body = request.path, await request.read()
        if self.failing:
            return web.Response(status=self.failing)
        if request.method == "PUT":
            self.stored[key] = body
        elif key not in self.stored:
            return web.Response(status=404)
        return web.Response(body=self.stored.get(key))


class Origin:
    """Answers with what it was told, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.status, self.headers, self.body = 200, {}, b"hello"

    async def answer(self, request):
        self.asked.append(request)
        if self.status == 0:
            request.transport.abort()
        return web.Response(
            status=self.status or 200, headers=self.headers, body=self.body
        )


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def origin():
    return Origin()


@pytest.fixture
def run(store, origin, monkeypatch):
    """Run a coroutine while the store and the origin serve."""

    async def serve(scenario):
        runners = [web.ServerRunner(web.Server(s.answer)) for s in (store, origin)]
        for name, runner in zip(
            ("TELNYX_BASE_URL", "ORIGIN_URL"), runners, strict=True
        ):
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            monkeypatch.setenv(name, f"http://127.0.0.1:{runner.addresses[0][1]}/")
        monkeypatch.setenv("TELNYX_API_KEY", "test")
        monkeypatch.setenv("KV_NAMESPACE_ID", "test")
        kv.read_store.cache_clear()
        origins.read_origin.cache_clear()
        try:
            return await scenario
        finally:
            await close_client()
            for runner in runners:
                await runner.cleanup()

    return lambda scenario: asyncio.run(serve(scenario))


async def ask(target, method="GET", **headers):
    return await handler(Request(method, target, Headers(headers.items())))


def verdict(response):
    return dict(response["headers"])["X-Cache"]


async def verdicts(target, **headers):
    return [verdict(await ask(target, **headers)) for _ in range(2)]


def test_second_request_is_answered_from_the_cache(run, origin):
    origin.headers = {"Content-Type": "text/x-test"}
    origin.body = "\u2028ü".encode()

    async def scenario():
        assert await verdicts("/users?page=2") == ["MISS", "HIT"]
        assert await verdicts("/users?page=3") == ["MISS", "HIT"]
        return await ask("/users?page=2")

    response = run(scenario())
    asked = [request.path_qs for request in origin.asked]
    assert asked == ["/users?page=2", "/users?page=3"]
    assert response["body"] == origin.body
    headers = dict(response["headers"])
    assert (headers["content-type"], headers["Age"]) == ("text/x-test", "0")


def test_binary_body_comes_back_as_it_was(run, origin):
    origin.body = b"\x00\xff\xfe"

    async def scenario():
        await ask("/image")
        return await ask("/image")

    assert run(scenario())["body"] == origin.body


def test_requests_at_the_same_moment_ask_the_origin_once(run, origin):
    async def scenario():
        await asyncio.gather(*(ask("/") for _ in range(10)))

    run(scenario())
    assert len(origin.asked) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "no-store"},
        {"Cache-Control": "public, max-age=0"},
        {"Set-Cookie": "a=b"},
        {"Vary": "Accept, *"},
        {"Content-Encoding": "br"},
    ],
    ids=str,
)
def test_answer_that_is_not_for_all_is_not_kept(run, store, origin, headers):
    origin.headers = headers
    assert run(verdicts("/")) == ["MISS", "MISS"]
    assert store.stored == {}


def test_error_of_the_origin_is_passed_on_and_not_kept(run, store, origin):
    origin.status = 500
    assert run(ask("/"))["status"] == 500
    assert store.stored == {}


def test_answer_to_one_user_is_not_kept_and_gets_what_that_user_sent(
    run, store, origin
):
    sent = {"Authorization": "Bearer x", "Cookie": "a=b"}
    assert run(verdicts("/me", **sent)) == ["BYPASS", "BYPASS"]
    assert origin.asked[0].headers["Authorization"] == "Bearer x"
    assert "Cookie" not in origin.asked[0].headers
    assert store.calls == 0


def test_without_the_store_the_origin_answers(run, store):
    store.failing = 401
    assert run(verdicts("/")) == ["BYPASS", "BYPASS"]
    assert store.calls == 2  # one read each, and nothing written


def test_stored_value_that_is_no_entry_is_a_miss(run, store):
    async def scenario():
        await ask("/")
        for key in store.stored:
            store.stored[key] = b"[1, 2"
        return await verdicts("/")

    assert run(scenario()) == ["MISS", "HIT"]


def test_origin_that_hangs_up_is_a_502(run, origin):
    origin.status = 0
    assert run(ask("/"))["status"] == 502


@pytest.mark.parametrize("target", ["*", "/a/../b", "/%2e%2E/", "/a|b", "/%zz"])
def test_target_that_is_not_legal_is_refused(run, store, origin, target):
    assert run(ask(target))["status"] == 400
    assert store.calls == len(origin.asked) == 0


def test_other_methods_are_refused_with_those_that_are_allowed(run):
    response = run(ask("/", "POST"))
    assert response["status"] == 405
    assert response["headers"]["Allow"] == "GET, HEAD"
