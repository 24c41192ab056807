import assert from "node:assert/strict";
import type http from "node:http";
import { before, beforeEach, test } from "node:test";

import { kv, listen, resetFakeKv, startFakeKv } from "./fake-kv.ts";
import { handler } from "./handler.ts";

const TTL = 300;
let asked: http.IncomingMessage[] = []; // of the origin

before(async () => {
  await startFakeKv();
  process.env.ORIGIN_URL = await listen((request, response) => {
    asked.push(request);
    response.end(`this is ${request.url}`);
  });
});

beforeEach(() => {
  resetFakeKv();
  asked = [];
});

function ask(
  target: string,
  { method = "GET", headers = {} }: RequestInit = {},
): Promise<Response> {
  const request = new Request("http://localhost/", { method, headers });
  return handler(request, { target });
}

async function verdicts(target: string, options?: RequestInit) {
  const responses = [await ask(target, options), await ask(target, options)];
  return responses.map((response) => response.headers.get("X-Cache"));
}

test("a second request gets the stored response", async () => {
  assert.deepEqual(await verdicts("/users?page=2"), ["MISS", "HIT"]);
  assert.deepEqual(await verdicts("/users?page=3"), ["MISS", "HIT"]);
  assert.equal(asked.length, 2);
  const again = await ask("/users?page=2");
  assert.equal(await again.text(), "this is /users?page=2");
});

test("a response is stored for its lifetime", async () => {
  const earliest = Date.now() + TTL * 1000;
  await ask("/");
  const [text] = kv.stored.values();
  const { expires_at } = JSON.parse(text);
  assert.ok(expires_at >= earliest);
  assert.ok(expires_at <= Date.now() + TTL * 1000);
});

test("HEAD is GET without the body", async () => {
  assert.deepEqual(await verdicts("/", { method: "HEAD" }), ["MISS", "HIT"]);
  assert.equal(asked[0].method, "GET");
});

test("a response for one user is not stored, and Authorization is passed on", async () => {
  const headers = { Authorization: "Bearer x", Cookie: "a=b" };
  assert.deepEqual(await verdicts("/me", { headers }), ["BYPASS", "BYPASS"]);
  assert.equal(asked[0].headers.authorization, "Bearer x");
  assert.equal(asked[0].headers.cookie, undefined);
  assert.deepEqual(kv.calls, []);
});

test("a malformed target is refused", async () => {
  assert.equal((await ask("/a/../b")).status, 400);
  assert.equal(kv.calls.length + asked.length, 0);
});

test("other methods are refused with those that are allowed", async () => {
  const response = await ask("/", { method: "POST" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "GET, HEAD");
});
