import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { before, beforeEach, test } from "node:test";

import { kv, resetFakeKv, startFakeKv } from "./fake-kv.ts";
import { handler } from "./handler.ts";

const DEDUPE = 86400;
const TOLERANCE = 300;
const KEY = "webhook/an-event-for-tests";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");

before(async () => {
  await startFakeKv();
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  process.env.TELNYX_PUBLIC_KEY = raw.toString("base64");
});
beforeEach(resetFakeKv);

/** Delivers an event as Telnyx does, signed some seconds ago. */
function deliver(event_type: string, age = 0) {
  const data = { id: "an-event-for-tests", event_type, payload: {} };
  const body = JSON.stringify({ data });
  const timestamp = Math.floor(Date.now() / 1000) - age;
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), privateKey);
  const headers = {
    "Telnyx-Timestamp": String(timestamp),
    "Telnyx-Signature-Ed25519": signature.toString("base64"),
  };
  const init = { method: "POST", headers, body };
  return handler(new Request("http://localhost/", init));
}

for (const type of ["message.received", "call.initiated", "of.another.type"]) {
  test(`the event ${type} is processed once`, async () => {
    for (const status of ["processed", "duplicate"]) {
      const response = await deliver(type);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { status });
      assert.equal(response.headers.get("Cache-Control"), "no-store");
    }
    assert.deepEqual([...kv.stored.keys()], [KEY]);
  });
}

test("an event is remembered for its time", async () => {
  const earliest = Date.now() + DEDUPE * 1000;
  await deliver("message.received");
  const { expires_at } = JSON.parse(kv.stored.get(KEY)!);
  assert.ok(expires_at >= earliest);
  assert.ok(expires_at <= Date.now() + DEDUPE * 1000);
});

test("an event without a recent signature is refused", async () => {
  const request = new Request("http://localhost/", { method: "POST" });
  await assert.rejects(handler(request), { status: 401 });
  await assert.rejects(deliver("any", TOLERANCE + 10), { status: 401 });
  assert.deepEqual(kv.calls, []);
});

test("other methods are refused with the one that is allowed", async () => {
  const response = await handler(new Request("http://localhost/"));
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("Allow"), "POST");
});
