"""The helpers and parts, called by handlers that differ from the patterns' own."""

import json
import time
import uuid

import pytest

from tests.behaviour.gate import HANG, answer
from tests.behaviour.handlers import Handlers
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import is_error

pytestmark = pytest.mark.parametrize("host", [*LANGUAGES, "binding"])

_SESSION = Handlers(
    {
        "/renew": {
            "javascript": """
                const id = request.headers.get("X-Session-ID");
                return new Response(await renewSession(id, await loadSession(id), 60));
            """,
            "python": """
                id = request.headers["X-Session-ID"]
                return PlainTextResponse(await renew_session(id, await load_session(id), 60))
            """,
            "go": """
                id := r.Header.Get("X-Session-ID")
                session, err := loadSession(r.Context(), id)
                if err != nil {
                    return err
                }
                renewed, err := renewSession(r.Context(), id, session, 60)
                if err != nil {
                    return err
                }
                fmt.Fprint(w, renewed)
            """,
        },
        "/missing": {
            "javascript": """
                const found = [await kvGet("own/none"), await kvGetWithExpiry("own/none")];
                await kvDelete("own/none");
                return Response.json(found);
            """,
            "python": """
                found = [await kv_get("own/none"), await kv_get_with_expiry("own/none")]
                await kv_delete("own/none")
                return JSONResponse(found)
            """,
            "go": """
                bare, err := kvGet(r.Context(), "own/none")
                wrapped, also := kvGetWithExpiry(r.Context(), "own/none")
                if err := errors.Join(err, also, kvDelete(r.Context(), "own/none")); err != nil {
                    return err
                }
                return json.NewEncoder(w).Encode([]string{bare, wrapped})
            """,
        },
        "/texts": {
            "javascript": """
                await kvPut("own/text", "Zoë \\u2028");
                return new Response(await kvGetWithExpiry("own/text"));
            """,
            "python": """
                await kv_put("own/text", "Zoë \\u2028")
                return PlainTextResponse(await kv_get_with_expiry("own/text"))
            """,
            "go": """
                if err := kvPut(r.Context(), "own/text", "Zoë \\u2028"); err != nil {
                    return err
                }
                text, err := kvGetWithExpiry(r.Context(), "own/text")
                if err != nil {
                    return err
                }
                fmt.Fprint(w, text)
            """,
        },
        "/fraction": {
            "javascript": 'await kvPutWithExpiry("own/half", "x", 1.2); return new Response("");',
            "python": 'await kv_put_with_expiry("own/half", "x", 1.2); return Response("")',
        },
        "/caught": {
            "javascript": """
                try {
                  await kvGet("own/value");
                } catch (error) {
                  return new Response(error instanceof KvError ? "caught" : String(error));
                }
            """,
            "python": """
                try:
                    await kv_get("own/value")
                except KvError:
                    return PlainTextResponse("caught")
            """,
            "go": """
                var failed *kvError
                if _, err := kvGet(r.Context(), "own/value"); errors.As(err, &failed) {
                    fmt.Fprint(w, "caught")
                }
            """,
        },
        "/brief": {
            "javascript": 'await kvGet("own/value", { timeoutMs: 300, retry: false });',
            "python": 'await kv_get("own/value", timeout=0.3)',
            "go": """
                ctx, cancel := context.WithTimeout(r.Context(), 300*time.Millisecond)
                defer cancel()
                _, err := kvGet(ctx, "own/value")
                return err
            """,
        },
    },
    {
        "javascript": """
            import { KvError, kvDelete, kvGet, kvGetWithExpiry } from "./kv.js";
            import { kvPut, kvPutWithExpiry } from "./kv.js";
            import { loadSession, renewSession } from "./session.js";
        """,
        "python": """
            from function.kv import (
                KvError, kv_delete, kv_get, kv_get_with_expiry, kv_put, kv_put_with_expiry
            )
            from function.session import load_session, renew_session
        """,
    },
)

_CACHE = Handlers(
    {
        "/report": {
            "javascript": """
                return cached(`cache/report${request.headers.get("X-Own")}`, 60, async () => {
                  calls += 1;
                  return Response.json({ calls });
                });
            """,
            "python": """
                async def load() -> Response:
                    global calls
                    calls += 1
                    return JSONResponse({"calls": calls})
                return await cached("cache/report" + request.headers["X-Own"], 60, load)
            """,
            "go": """
                load := func(context.Context) (*storedResponse, error) {
                    calls++
                    body := fmt.Sprintf(`{"calls":%d}`, calls)
                    header := http.Header{"Content-Type": {"application/json"}}
                    return &storedResponse{http.StatusOK, header, []byte(body)}, nil
                }
                report, err := cached(r.Context(), "cache/report"+r.Header.Get("X-Own"), 60, load)
                if err != nil {
                    return err
                }
                report.write(w)
            """,
        },
        "/failing": {
            "javascript": 'return cached("cache/failing", 60, () => { throw new Error("no"); });',
            "python": """
                async def load() -> Response:
                    raise ValueError("no")
                return await cached("cache/failing", 60, load)
            """,
            "go": """
                _, err := cached(r.Context(), "cache/failing", 60,
                    func(context.Context) (*storedResponse, error) { panic("no") })
                return err
            """,
        },
        "/hurried": {
            "python": """
                loads = []
                async def load() -> Response:
                    loads.append("load")
                    await asyncio.sleep(0.3)
                    return JSONResponse(loads)
                key = "cache/hurried" + request.headers["X-Own"]
                try:
                    async with asyncio.timeout(0.1):
                        return await cached(key, 60, load)
                except TimeoutError:
                    return await cached(key, 60, load)
            """,
        },
    },
    {
        "javascript": 'import { cached } from "./cache.js";\nlet calls = 0;',
        "python": "from function.cache import cached\ncalls = 0",
        "go": "var calls int",
    },
    "cache",
)


@pytest.fixture
def function(started_with, host):
    return started_with(host, _SESSION)


def test_renewed_session_is_under_its_new_id_only(function, kv):
    old = f"test-{uuid.uuid4().hex}"
    kv.put(f"session/{old}", '{"views": 7}')
    kv.calls.clear()
    new = function.request("GET", "/renew", headers={"X-Session-ID": old}).text
    assert kv.calls == ["GET", "PUT", "DELETE"]  # the old one goes when the new one is there
    assert kv.get(f"session/{old}") is None
    envelope = json.loads(kv.get(f"session/{new}"))
    assert json.loads(envelope["value"]) == {"views": 7}
    assert 59_000 <= envelope["expires_at"] - time.time() * 1000 <= 60_000


def test_missing_key_is_no_error(function, kv):
    nothing = "" if function.language == "go" else None
    assert function.request("GET", "/missing").json() == [nothing, nothing]
    assert function.request("GET", "/texts").content == "Zoë \u2028".encode()
    assert kv.get("own/text") == "Zoë \u2028".encode()


def test_fraction_of_a_second_is_rounded_up(function, kv):
    if function.language == "go":
        return  # whose seconds are an integer
    before = time.time() * 1000
    assert function.request("GET", "/fraction").status_code == 200
    assert before + 1900 <= kv.expires_at("own/half") <= time.time() * 1000 + 2000
    assert json.loads(kv.get("own/half"))["expires_at"] >= before + 1199


def test_failing_call_can_be_caught_and_is_503_if_it_is_not(function, kv):
    with kv.failing(answer(401)):
        assert function.request("GET", "/caught").text == "caught"
    with kv.failing(HANG) as gate:
        began = time.monotonic()
        unavailable = function.request("GET", "/brief")
        assert 0.29 <= time.monotonic() - began < 3
        assert gate.hits == 1
    assert is_error(unavailable, 503, "key-value store unavailable", **{"retry-after": "1"})


def test_result_of_any_slow_function_is_cached(started_with, kv, host):
    function = started_with(host, _CACHE)
    headers = {"X-Own": f"/{uuid.uuid4().hex}"}
    for verdict in ("MISS", "HIT"):
        report = function.request("GET", "/report", headers=headers)
        assert (report.json(), report.headers["x-cache"]) == ({"calls": 1}, verdict)
        assert report.headers["content-type"] == "application/json"
    envelope = json.loads(kv.get(f"cache/report{headers['X-Own']}"))
    assert 58_000 <= envelope["expires_at"] - time.time() * 1000 <= 60_000


def test_bug_in_what_is_cached_is_500_and_one_line(started_with, kv, host):
    function = started_with(host, _CACHE)
    for _ in range(2):
        mark = len(function.log())
        assert is_error(function.request("GET", "/failing"), 500, "internal error")
        assert function.logged_since(mark).count("\n") == 1
    assert kv.get("cache/failing") is None


def test_caller_that_gives_up_does_not_end_the_load(started_with, kv, host):
    if host != "python":
        return  # a task can be cancelled; in Go a client that leaves does the same
    function = started_with(host, _CACHE)
    headers = {"X-Own": f"/{uuid.uuid4().hex}"}
    assert function.request("GET", "/hurried", headers=headers).json() == ["load"]
