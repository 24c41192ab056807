import assert from "node:assert/strict";
import { before, test } from "node:test";

import { startFakeKv } from "./fake-kv.js";
import { handler } from "./handler.js";

before(startFakeKv);

test("the handler keeps a text", async () => {
  const ask = (init) => handler(new Request("http://localhost/", init));
  assert.equal((await ask()).status, 404);
  assert.equal((await ask({ method: "PUT", body: "hello" })).status, 204);
  assert.equal(await (await ask()).text(), "hello");
});
