"""The KV as the platform binds it, over what stands for the platform's package."""

import json
import time
import uuid

import pytest

from tests.behaviour.conftest import scaffolded
from tests.behaviour.gate import answer
from tests.behaviour.handlers import Handlers
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.visits import Visitor, is_error

pytestmark = pytest.mark.parametrize("host", ["binding"])

_HANDLERS = Handlers(
    {
        "/lifetimes": {
            "javascript": """
                const { ttl } = await request.json();
                await kvPutWithExpiry("own/brief", "x", ttl ?? NaN);
                return new Response("written");
            """,
        },
        "/bare": {
            "javascript": """
                const { options } = await request.json();
                await env.MY_KV.put("own/bare", '{"a": 1}', options);
                const json = await env.MY_KV.get("own/bare", { type: "json" });
                const text = await env.MY_KV.get("own/bare", { type: "text" });
                return Response.json([json, text, await env.MY_KV.get("own/none")]);
            """,
        },
        "/list": {
            "javascript": "return Response.json(await env.MY_KV.list(await request.json()));",
        },
        "/error": {
            "javascript": """
                const calls = [
                  () => env.MY_KV.get("own/a"),
                  () => env.MY_KV.put("own/a", "x"),
                  () => env.MY_KV.delete("own/a"),
                ];
                const failures = calls.map((call) => call().catch((error) => String(error)));
                return Response.json(await Promise.all(failures));
            """,
        },
    },
    {"javascript": """
            import { env } from "@telnyx/edge-runtime";
            import { kvPutWithExpiry } from "./kv.js";
        """},
)


@pytest.fixture
def function(started_with, host):
    return started_with(host, _HANDLERS)


@pytest.mark.parametrize("ttl", [0, -1, -0.5, None])
def test_lifetime_that_the_binding_would_leave_out_is_refused_before_the_call(function, kv, ttl):
    kv.calls.clear()
    mark = len(function.log())
    response = function.request("POST", "/lifetimes", json={"ttl": ttl})
    assert is_error(response, 500, "internal error")
    assert kv.calls == []
    assert function.logged_since(mark).startswith("RangeError: a lifetime below one second | ")


def test_lifetime_is_rounded_up_to_a_second(function, kv):
    before = time.time() * 1000
    assert function.request("POST", "/lifetimes", json={"ttl": 0.2}).text == "written"
    assert before + 900 <= kv.expires_at("own/brief") <= time.time() * 1000 + 1000


def test_stand_in_reads_and_writes_as_the_binding_is_documented_to(function, kv):
    for options in ({}, {"expirationTtl": 0.9}):
        answered = function.request("POST", "/bare", json={"options": options}).json()
        assert answered == [{"a": 1}, '{"a": 1}', None]
        assert kv.expires_at("own/bare") is None  # such a lifetime is not sent
    before = time.time() * 1000
    function.request("POST", "/bare", json={"options": {"expirationTtl": 60.9}})
    assert before + 59_000 <= kv.expires_at("own/bare") <= time.time() * 1000 + 60_000


def test_stand_in_lists_keys_page_by_page(function, kv):
    names = [f"listed/{number}" for number in range(3)]
    for name in names:
        kv.put(name, "text")
    first = function.request("POST", "/list", json={"prefix": "listed/", "limit": 2}).json()
    assert [key["name"] for key in first["keys"]] == names[:2]
    assert [key["sizeBytes"] for key in first["keys"]] == [4, 4]
    assert not first["list_complete"]
    rest = {"prefix": "listed/", "cursor": first["cursor"]}
    second = function.request("POST", "/list", json=rest).json()
    assert [key["name"] for key in second["keys"]] == names[2:]
    assert second["list_complete"]
    assert "cursor" not in second


def test_stand_in_fails_with_a_text_that_holds_the_key_and_the_body(function, kv):
    with kv.failing(answer(409, b"BODY")):
        said = function.request("GET", "/error").json()
    assert said == [
        f'Error: env KV {call}("own/a") failed: HTTP 409: BODY' for call in ("get", "put", "delete")
    ]


def test_nothing_of_the_bindings_error_reaches_a_log_or_response(start, kv, host):
    visitor = Visitor(start("session", host), "session", kv)
    mark = len(visitor.function.log())
    with kv.failing(answer(400, b"a body that holds a secret")):
        response = visitor.send()
    told = response.text + str(response.headers) + visitor.function.logged_since(mark)
    assert "secret" not in told
    assert visitor.mark not in told


def test_binding_that_is_missing_is_named(tmp_path, environment, kv, host):
    folder = scaffolded(tmp_path / "function", "session", "typescript", *HOSTS[host].options)
    manifest = folder / "func.toml"
    manifest.write_text(manifest.read_text().replace("[storage.kv.MY_KV]", "[storage.kv.OTHER]"))
    (tmp_path / "work").mkdir()
    with hosted(folder, tmp_path / "work", environment, HOSTS[host]) as function:
        assert is_error(Visitor(function, "session", kv).send(), 500, "internal error")
        assert function.log() == "[storage.kv.MY_KV] is not set\n"


@pytest.mark.parametrize("other", ["typescript", "go"])
def test_what_the_binding_writes_the_rest_client_reads_and_the_other_way_round(
    start, kv, host, other
):
    key = f"shared-{uuid.uuid4().hex}"
    headers = {"X-Session-ID": key}
    hosts = (host, other, "bound-dist")
    views = [start("session", h).request("GET", headers=headers).json()["views"] for h in hosts]
    assert views == [0, 1, 2]
    assert set(json.loads(kv.get(f"session/{key}"))) == {"value", "expires_at"}
