import assert from "node:assert/strict";
import type http from "node:http";
import { before, beforeEach, test } from "node:test";

import { cacheKey, cached } from "./cache.ts";
import { kv, listen, resetFakeKv, startFakeKv } from "./fake-kv.ts";
import { fetchOrigin } from "./origin.ts";

const KEY = "cache/test";
const DATE = "Mon, 23 Nov 2026 12:00:00 GMT";

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  hangsUp?: boolean;
}

// An origin that responds with `reply`, and records its requests.
let reply: Reply;
let asked: http.IncomingMessage[] = [];

before(async () => {
  await startFakeKv();
  const url = await listen((request, response) => {
    asked.push(request);
    if (reply.hangsUp) return request.destroy();
    response.sendDate = false;
    response.writeHead(reply.status ?? 200, reply.headers ?? {});
    response.end(reply.body ?? "hello");
  });
  process.env.ORIGIN_URL = `${url}/base/`;
});

beforeEach(() => {
  resetFakeKv();
  reply = {};
  asked = [];
});

function get() {
  return cached(KEY, 60, () => fetchOrigin("/"));
}

async function verdicts() {
  const responses = [await get(), await get()];
  return responses.map((response) => response.headers.get("X-Cache"));
}

test("a response comes back as it was", async () => {
  for (const body of ["\u2028ü", Buffer.from([0, 255, 254]), ""]) {
    resetFakeKv();
    reply = { headers: { "Content-Type": "text/x-test", Via: "a" }, body };
    for (const verdict of ["MISS", "HIT"]) {
      const response = await get();
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("X-Cache"), verdict);
      assert.equal(response.headers.get("Content-Type"), "text/x-test");
      const content = Buffer.from(await response.arrayBuffer());
      assert.deepEqual(content, Buffer.from(body));
    }
  }
});

test("any result of slow work can be cached", async () => {
  let runs = 0;
  const report = () => Response.json({ run: ++runs });
  for (let i = 0; i < 2; i++) {
    const response = await cached("cache/report", 60, report);
    assert.deepEqual(await response.json(), { run: 1 });
  }
});

test("concurrent requests ask the origin once", async () => {
  await Promise.all(Array.from({ length: 10 }, get));
  assert.equal(asked.length, 1);
  assert.deepEqual(kv.calls, [`GET ${KEY}`, `PUT ${KEY}`]);
});

test("a response that may not be shared is requested by each client", async () => {
  reply = { headers: { "Set-Cookie": "a=b" } };
  await Promise.all(Array.from({ length: 10 }, get));
  assert.equal(asked.length, 10);
  assert.deepEqual(kv.calls, [`GET ${KEY}`]);
});

test("without the store the origin responds", async () => {
  kv.failing = 503;
  assert.deepEqual(await verdicts(), ["BYPASS", "BYPASS"]);
  assert.deepEqual(kv.calls, [`GET ${KEY}`, `GET ${KEY}`]);
});

test("a stored text that is not a response is a miss", async () => {
  for (const text of ["[1, 2", "null", '{"status":200}']) {
    kv.stored.set(KEY, text);
    assert.deepEqual(await verdicts(), ["MISS", "HIT"], text);
  }
});

test("a response that is too large for the store is passed on", async () => {
  reply = { body: "x".repeat(2 ** 20) };
  assert.deepEqual(await verdicts(), ["MISS", "MISS"]);
});

for (const headers of [
  { "Set-Cookie": "a=b" },
  { Vary: "Accept, *" },
  { "Content-Encoding": "br" },
  { "Cache-Control": "no-store" },
  { "Cache-Control": "NO-CACHE" },
  { "Cache-Control": "private; max-age=60" },
  { "Cache-Control": 'private="x"' },
  { "Cache-Control": "no-store", Connection: "cache-control" },
  { "Cache-Control": "max-age=0" },
  { "Cache-Control": "max-age=soon" },
  { "Cache-Control": "max-age=60, s-maxage=0" },
  { "Cache-Control": "max-age=60", Age: "60" },
  { "CDN-Cache-Control": "no-store", "Cache-Control": "max-age=60" },
  { "CDN-Cache-Control": "max-age=60,,", "Cache-Control": "max-age=60" },
  { Pragma: "no-cache" },
  { Expires: "0" },
  { Expires: DATE, Date: DATE },
] as Record<string, string>[]) {
  test(`a response with ${JSON.stringify(headers)} is not stored`, async () => {
    reply = { headers };
    assert.deepEqual(await verdicts(), ["MISS", "MISS"]);
    assert.equal(kv.stored.size, 0);
  });
}

for (const [headers, seconds] of [
  [{}, 60],
  [{ "Cache-Control": "public" }, 60],
  [{ "Cache-Control": "max-age=20" }, 20],
  [{ "Cache-Control": "max-age=600" }, 60],
  [{ "Cache-Control": 'max-age="20"' }, 20],
  [{ "Cache-Control": "max-age=20, s-maxage=30" }, 30],
  [{ "Cache-Control": "max-age=20", Age: "5" }, 15],
  [{ "Cache-Control": "max-age=20", Expires: "0" }, 20],
  [{ "CDN-Cache-Control": "max-age=20", "Cache-Control": "no-store" }, 20],
  [{ Expires: "Mon, 23 Nov 2026 12:00:30 GMT", Date: DATE }, 30],
  [{ Pragma: "no-cache", "Cache-Control": "max-age=20" }, 20],
] satisfies [Record<string, string>, number][]) {
  const name = `a response with ${JSON.stringify(headers)} is kept for ${seconds} s`;
  test(name, async () => {
    reply = { headers };
    assert.deepEqual(await verdicts(), ["MISS", "HIT"]);
    const { expires_at } = JSON.parse(kv.stored.get(KEY)!);
    const left = expires_at - Date.now();
    assert.ok(left <= seconds * 1000 && left > (seconds - 5) * 1000);
  });
}

test("the age of a response increases", async () => {
  reply = { headers: { Age: "10" } };
  assert.equal((await get()).headers.get("Age"), "10");
  assert.equal((await get()).headers.get("Age"), "10");
});

test("hop-by-hop headers are not passed on", async () => {
  const dropped = {
    Connection: "X-Named",
    "X-Named": "x",
    Server: "x",
    TE: "x",
  };
  reply = { headers: { ...dropped, "X-Kept": "yes", "X-Cache": "theirs" } };
  for (const verdict of ["MISS", "HIT"]) {
    const { headers } = await get();
    assert.equal(headers.get("X-Kept"), "yes");
    assert.equal(headers.get("X-Cache"), verdict);
    for (const name of Object.keys(dropped)) assert.ok(!headers.has(name));
  }
});

test("an error of the origin is passed on and not stored", async () => {
  reply = { status: 500, body: "sorry" };
  const response = await get();
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "sorry");
  assert.equal(kv.stored.size, 0);
});

test("an origin that hangs up is a 502 for all waiting requests", async () => {
  reply = { hangsUp: true };
  const results = await Promise.allSettled([get(), get()]);
  for (const result of results) {
    const { reason } = result as PromiseRejectedResult;
    assert.equal(reason.status, 502);
    assert.equal(reason.message, "origin unreachable");
  }
});

for (const [target, key] of [
  ["/", "cache/api/"],
  ["/users?", "cache/api/users"],
  ["/users?page=2", "cache/api/users=3Fpage=3D2"],
  ["//double", "cache/api//double"],
  ["*", null],
  ["http://x/", null],
  ["/a/../b", null],
  ["/%2e%2E/", null],
  ["/a|b", null],
  ["/%zz", null],
] satisfies [string, string | null][]) {
  test(`the key of ${target} is ${key}`, () => {
    assert.equal(cacheKey("api", target), key);
  });
}

test("a long target has the key of its digest", () => {
  const key = cacheKey("api", `/${"a".repeat(300)}`);
  assert.match(key!, /^cache\/api\/=sha256\/[0-9a-f]{64}$/);
});
