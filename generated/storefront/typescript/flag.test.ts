import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { kv, resetFakeKv, startFakeKv } from "./fake-kv.ts";
import { readFlag } from "./flag.ts";

before(startFakeKv);
beforeEach(resetFakeKv);

for (const byDefault of [true, false]) {
  test(`a flag is read, with the default ${byDefault}`, async () => {
    const read = () => readFlag("any", byDefault, 0);
    assert.equal(await read(), byDefault);
    const soon = Date.now() + 60_000;
    for (const [text, isOn] of [
      ["true", true],
      ["false", false],
      [" true\n", true],
      [JSON.stringify({ value: "true", expires_at: soon }), true],
      [JSON.stringify({ value: "false", expires_at: soon }), false],
      [JSON.stringify({ value: String(!byDefault), expires_at: 1 }), byDefault],
      ["", byDefault],
      ["TRUE", byDefault],
      ["1", byDefault],
    ] satisfies [string, boolean][]) {
      kv.stored.set("flag/any", text);
      assert.equal(await read(), isOn, text);
    }
    kv.failing = 401;
    assert.equal(await read(), byDefault);
  });
}

test("a flag is remembered for its time, and a failure is not", async () => {
  kv.failing = 401;
  assert.equal(await readFlag("kept", false, 60), false);
  kv.failing = 0;
  kv.stored.set("flag/kept", "true");
  assert.equal(await readFlag("kept", false, 60), true);
  kv.stored.set("flag/kept", "false");
  assert.equal(await readFlag("kept", false, 60), true);
  assert.equal(kv.calls.length, 2);
});
