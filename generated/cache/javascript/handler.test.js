import assert from "node:assert/strict";
import http from "node:http";
import { before, beforeEach, test } from "node:test";

import { handler } from "./handler.js";

// A key-value store in a few lines; `failing` is a status that answers everything.
const stored = new Map();
let failing = 0;
let calls = 0;
const kv = http.createServer(async (request, response) => {
  calls += 1;
  response.shouldKeepAlive = false; // nor would the tests end while one is kept
  const key = decodeURIComponent(request.url.split("/").at(-1));
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (failing) response.statusCode = failing;
  else if (request.method === "PUT") stored.set(key, Buffer.concat(chunks));
  else if (!stored.has(key)) response.statusCode = 404;
  response.end(request.method === "GET" ? stored.get(key) : undefined);
});

// An origin that answers with `reply`, and remembers what it was asked.
let reply;
let asked = [];
const origin = http.createServer((request, response) => {
  asked.push(request);
  response.shouldKeepAlive = false;
  if (reply.hangsUp) return request.destroy();
  response.writeHead(reply.status ?? 200, reply.headers ?? {});
  response.end(reply.body ?? "hello");
});

before(async () => {
  for (const server of [kv, origin]) {
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref(); // or the tests would not end
  }
  process.env.TELNYX_BASE_URL = `http://127.0.0.1:${kv.address().port}`;
  process.env.TELNYX_API_KEY = "test";
  process.env.KV_NAMESPACE_ID = "test";
  process.env.ORIGIN_URL = `http://127.0.0.1:${origin.address().port}/base/`;
});

beforeEach(() => {
  stored.clear();
  failing = calls = 0;
  reply = {};
  asked = [];
});

function ask(target, { method = "GET", headers = {} } = {}) {
  return handler({ method, target, headers: new Headers(headers) });
}

async function verdicts(target, options) {
  const responses = [await ask(target, options), await ask(target, options)];
  return responses.map((response) => response.headers.get("X-Cache"));
}

test("a second request is answered from the cache", async () => {
  reply = { headers: { "Content-Type": "text/x-test" }, body: "\u2028ü" };
  assert.deepEqual(await verdicts("/users?page=2"), ["MISS", "HIT"]);
  assert.equal(asked.length, 1);
  assert.equal(asked[0].url, "/base/users?page=2");
  const again = await ask("/users?page=2");
  assert.equal(again.headers.get("Content-Type"), "text/x-test");
  assert.equal(again.headers.get("Age"), "0");
  assert.equal(await again.text(), "\u2028ü");
  assert.deepEqual(await verdicts("/users?page=3"), ["MISS", "HIT"]);
});

test("a binary body comes back as it was", async () => {
  reply = { body: Buffer.from([0, 255, 254]) };
  await ask("/image");
  const body = Buffer.from(await (await ask("/image")).arrayBuffer());
  assert.deepEqual(body, reply.body);
});

test("requests at the same moment ask the origin once", async () => {
  await Promise.all(Array.from({ length: 10 }, () => ask("/")));
  assert.equal(asked.length, 1);
});

for (const headers of [
  { "Cache-Control": "no-store" },
  { "Cache-Control": "public, max-age=0" },
  { "Set-Cookie": "a=b" },
  { Vary: "Accept, *" },
  { "Content-Encoding": "br" },
]) {
  test(`an answer with ${JSON.stringify(headers)} is not kept`, async () => {
    reply = { headers };
    assert.deepEqual(await verdicts("/"), ["MISS", "MISS"]);
    assert.equal(stored.size, 0);
  });
}

test("an error of the origin is passed on and not kept", async () => {
  reply = { status: 500, body: "sorry" };
  assert.equal((await ask("/")).status, 500);
  assert.equal(stored.size, 0);
});

test("an answer to one user is not kept, and gets what that user sent", async () => {
  const headers = { Authorization: "Bearer x", Cookie: "a=b" };
  assert.deepEqual(await verdicts("/me", { headers }), ["BYPASS", "BYPASS"]);
  assert.equal(asked[0].headers.authorization, "Bearer x");
  assert.equal(asked[0].headers.cookie, undefined);
  assert.equal(calls, 0);
});

test("without the store the origin answers", async () => {
  failing = 401;
  assert.deepEqual(await verdicts("/"), ["BYPASS", "BYPASS"]);
  assert.equal(calls, 2); // one read each, and nothing written
});

test("a stored value that is no entry is a miss", async () => {
  await ask("/");
  for (const key of stored.keys()) stored.set(key, "[1, 2");
  assert.deepEqual(await verdicts("/"), ["MISS", "HIT"]);
});

test("an origin that hangs up is a 502", async () => {
  reply = { hangsUp: true };
  assert.equal((await ask("/")).status, 502);
});

for (const target of ["*", "/a/../b", "/%2e%2E/", "/a|b", "/%zz"]) {
  test(`the target ${target} is refused`, async () => {
    assert.equal((await ask(target)).status, 400);
    assert.equal(calls + asked.length, 0);
  });
}

test("other methods are refused with those that are allowed", async () => {
  const response = await ask("/", { method: "POST" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "GET, HEAD");
});
