import assert from "node:assert/strict";
import http from "node:http";
import { before, beforeEach, test } from "node:test";

import { handler } from "./handler.js";
import { KvError } from "./kv.js";

const HEADER = "X-Session-ID";
const TTL = 86400;
const ID = "a-session-id-for-tests";

// A key-value store in a few lines; `failing` is a status that answers everything.
const stored = new Map();
let failing = 0;
const kv = http.createServer(async (request, response) => {
  response.shouldKeepAlive = false; // nor would the tests end while one is kept
  const key = new URL(request.url, "http://kv").pathname;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (failing) response.statusCode = failing;
  else if (request.method === "PUT") stored.set(key, Buffer.concat(chunks));
  else if (request.method === "DELETE") stored.delete(key);
  else if (!stored.has(key)) response.statusCode = 404;
  response.end(request.method === "GET" ? stored.get(key) : undefined);
});

before(async () => {
  await new Promise((resolve) => kv.listen(0, "127.0.0.1", resolve));
  kv.unref(); // or the tests would not end
  process.env.TELNYX_BASE_URL = `http://127.0.0.1:${kv.address().port}`;
  process.env.TELNYX_API_KEY = "test";
  process.env.KV_NAMESPACE_ID = "test";
});

beforeEach(() => {
  stored.clear();
  failing = 0;
});

function ask(method, id) {
  const headers = new Headers(id === undefined ? {} : { [HEADER]: id });
  return handler({ method, target: "/", headers });
}

async function viewsAfter(method, id) {
  const response = await ask(method, id);
  assert.equal(response.status, 200);
  return (await response.json()).views;
}

test("a session counts its requests", async () => {
  assert.equal(await viewsAfter("GET", ID), 0);
  assert.equal(await viewsAfter("GET", ID), 1);
  assert.equal(await viewsAfter("POST", ID), 2);
});

test("a POST without an id starts a session under a new one", async () => {
  const response = await ask("POST");
  assert.equal(response.status, 201);
  const id = response.headers.get(HEADER);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(await viewsAfter("GET", id), 1);
});

test("a session lives for its lifetime, renewed by each request", async () => {
  for (let i = 0; i < 2; i++) {
    const earliest = Date.now() + TTL * 1000;
    await ask("GET", ID);
    const [envelope] = [...stored.values()].map((value) => JSON.parse(value));
    assert.ok(envelope.expires_at >= earliest);
    assert.ok(envelope.expires_at <= Date.now() + TTL * 1000);
  }
});

test("an expired session starts afresh", async () => {
  await ask("GET", ID);
  const [key] = stored.keys();
  const value = JSON.stringify({ created: 1, views: 7 });
  const soon = Date.now() + 60_000;
  stored.set(key, JSON.stringify({ value, expires_at: soon }));
  assert.equal(await viewsAfter("GET", ID), 8);
  stored.set(key, JSON.stringify({ value, expires_at: Date.now() - 1 }));
  assert.equal(await viewsAfter("GET", ID), 0);
});

test("a stored value that is no session starts afresh", async () => {
  await ask("GET", ID);
  const [key] = stored.keys();
  stored.set(key, "[1, 2");
  assert.equal(await viewsAfter("GET", ID), 0);
});

test("DELETE removes the session", async () => {
  await ask("GET", ID);
  assert.equal((await ask("DELETE", ID)).status, 204);
  assert.equal(stored.size, 0);
});

for (const id of [undefined, "", "short", "x".repeat(129), `${ID}, ${ID}`]) {
  test(`the id ${id} is refused`, async () => {
    assert.equal((await ask("GET", id)).status, 400);
    assert.equal(stored.size, 0);
  });
}

test("other methods are refused with those that are allowed", async () => {
  const response = await ask("PUT", ID);
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "GET, POST, DELETE");
});

test("a failing store is never taken for a missing session", async () => {
  failing = 401;
  await assert.rejects(ask("GET", ID), KvError);
});
