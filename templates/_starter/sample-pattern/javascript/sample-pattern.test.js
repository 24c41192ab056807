import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { resetFakeKv, startFakeKv } from "./fake-kv.js";
import * as latest from "./sample-pattern.js";

before(startFakeKv);
beforeEach(resetFakeKv);

test("a text is read as it was written", async () => {
  assert.equal(await latest.read(), null);
  await latest.write("hello", 60);
  assert.equal(await latest.read(), "hello");
});
