import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { before, beforeEach, test } from "node:test";

import { kv, resetFakeKv, startFakeKv } from "./fake-kv.ts";
import { ConfigError } from "./kv.ts";
import { processOnce, receiveEvent, WebhookError } from "./webhook.ts";

const TOLERANCE = 300;
const EVENT = {
  id: "an-event-for-tests",
  event_type: "message.received",
  payload: { text: "Zoë" },
};
const { publicKey, privateKey } = generateKeyPairSync("ed25519");

before(startFakeKv);
beforeEach(() => {
  resetFakeKv();
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  process.env.TELNYX_PUBLIC_KEY = raw.toString("base64");
});

type Changes = {
  age?: number;
  key?: KeyObject;
  body?: string;
  timestamp?: string;
  signature?: string;
};

/** A request as Telnyx sends it, signed some seconds ago; `changed` comes after that. */
function delivery(
  body: string,
  { age = 0, key = privateKey, ...changed }: Changes = {},
) {
  const timestamp = String(Math.floor(Date.now() / 1000) - age);
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), key);
  const sent = {
    body,
    timestamp,
    signature: signature.toString("base64"),
    ...changed,
  };
  const headers = {
    "Telnyx-Timestamp": sent.timestamp,
    "Telnyx-Signature-Ed25519": sent.signature,
  };
  const init = { method: "POST", headers, body: sent.body };
  return new Request("http://localhost/", init);
}

function receive(body: string, changes: Changes = {}) {
  return receiveEvent(delivery(body, changes), TOLERANCE);
}

for (const age of [0, TOLERANCE - 10, 10 - TOLERANCE]) {
  test(`an event is received ${age} seconds after it was signed`, async () => {
    const body = JSON.stringify({ data: EVENT, meta: {} });
    assert.deepEqual(await receive(body, { age }), EVENT);
    assert.deepEqual(kv.calls, []);
  });
}

const { privateKey: otherKey } = generateKeyPairSync("ed25519");
for (const [what, changes] of Object.entries({
  stale: { age: TOLERANCE + 10 },
  "from the future": { age: -TOLERANCE - 10 },
  "without a timestamp": { timestamp: "" },
  "with a timestamp that is none": { timestamp: "now" },
  "with another timestamp": { timestamp: String(Date.now() / 1000) },
  "without a signature": { signature: "" },
  "with a signature that is none": { signature: "*" },
  "signed with another key": { key: otherKey },
  "with another body": { body: "{}" },
})) {
  test(`a request ${what} is a 401`, async () => {
    const refused = receive(JSON.stringify({ data: EVENT }), changes);
    await assert.rejects(refused, { constructor: WebhookError, status: 401 });
  });
}

for (const body of [
  "",
  "{",
  "null",
  "[]",
  "{}",
  '{"data":null}',
  '{"data":{"id":"x"}}',
  '{"data":{"id":7,"event_type":"x"}}',
  '{"data":{"id":"a/b","event_type":"x"}}',
]) {
  test(`the body ${body} is a 400`, async () => {
    const refused = receive(body);
    await assert.rejects(refused, { constructor: WebhookError, status: 400 });
  });
}

for (const key of ["", "nonsense", "AAAA"]) {
  test(`the public key ${key} is a configuration error`, async () => {
    process.env.TELNYX_PUBLIC_KEY = key;
    await assert.rejects(receive("{}"), ConfigError);
  });
}

const KEY = `webhook/${EVENT.id}`;

test("an effect runs once, and the event is marked after it", async () => {
  const effect = () => assert.deepEqual(kv.calls, [`GET ${KEY}`]);
  assert.equal(await processOnce(EVENT.id, 60, effect), true);
  assert.equal(await processOnce(EVENT.id, 60, assert.fail), false);
  assert.deepEqual(kv.calls, [`GET ${KEY}`, `PUT ${KEY}`, `GET ${KEY}`]);
});

test("the mark expires", async () => {
  const earliest = Date.now() + 60_000;
  await processOnce(EVENT.id, 60, () => {});
  const { expires_at } = JSON.parse(kv.stored.get(KEY)!);
  assert.ok(expires_at >= earliest && expires_at <= Date.now() + 60_000);
});

test("an event is not marked if its effect throws", async () => {
  const effect = async () => {
    throw new Error("made up");
  };
  await assert.rejects(processOnce(EVENT.id, 60, effect), /made up/);
  assert.equal(kv.stored.size, 0);
});

test("an event is processed even if the store fails", async () => {
  kv.failing = 401;
  let runs = 0;
  const effect = () => (runs += 1);
  assert.equal(await processOnce(EVENT.id, 60, effect), true);
  assert.equal(await processOnce(EVENT.id, 60, effect), true);
  assert.equal(runs, 2);
});
