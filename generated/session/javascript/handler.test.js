import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { kv, resetFakeKv, startFakeKv } from "./fake-kv.js";
import { handler } from "./handler.js";
import { KvError } from "./kv.js";

const HEADER = "X-Session-ID";
const TTL = 86400;
const ID = "a-session-id-for-tests";

before(startFakeKv);
beforeEach(resetFakeKv);

function ask(method, id) {
  const headers = id === undefined ? {} : { [HEADER]: id };
  const request = new Request("http://localhost/", { method, headers });
  return handler(request);
}

async function viewsAfter(method, id) {
  const response = await ask(method, id);
  const told = "the handler does not answer with the session: adapt viewsAfter";
  assert.equal(response.headers.get("Content-Type"), "application/json", told);
  assert.equal(response.status, 200);
  return (await response.json()).views;
}

test("a session counts its requests", async () => {
  assert.equal(await viewsAfter("GET", ID), 0);
  assert.equal(await viewsAfter("GET", ID), 1);
  assert.equal(await viewsAfter("POST", ID), 2);
});

test("views that are not a number restart, and other members stay", async () => {
  kv.stored.set(`session/${ID}`, '{"created":1,"views":"x","name":"Ada"}');
  const session = await (await ask("GET", ID)).json();
  assert.equal(session.views, 1);
  assert.equal(session.name, "Ada");
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
    const { expires_at } = JSON.parse(kv.stored.get(`session/${ID}`));
    assert.ok(expires_at >= earliest);
    assert.ok(expires_at <= Date.now() + TTL * 1000);
  }
});

test("no cache may store the response", async () => {
  for (const [method, id] of [
    ["GET", ID],
    ["GET", "short"],
    ["PUT", ID],
    ["DELETE", ID],
  ]) {
    const response = await ask(method, id);
    assert.equal(response.headers.get("Cache-Control"), "no-store");
  }
});

test("DELETE removes the session", async () => {
  await ask("GET", ID);
  assert.equal((await ask("DELETE", ID)).status, 204);
  assert.ok(!kv.stored.has(`session/${ID}`));
});

for (const id of [undefined, "", "short", "x".repeat(129), `${ID}, ${ID}`]) {
  test(`the id ${id} is refused`, async () => {
    assert.equal((await ask("GET", id)).status, 400);
    assert.deepEqual(kv.calls, []);
  });
}

test("other methods are refused with those that are allowed", async () => {
  const response = await ask("PUT", ID);
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "GET, POST, DELETE");
});

test("a failing store is an error, and nothing is written", async () => {
  kv.failing = 401;
  await assert.rejects(ask("GET", ID), KvError);
  assert.ok(kv.calls.every((call) => call.startsWith("GET")));
});
