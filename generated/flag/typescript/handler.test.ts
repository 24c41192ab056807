import assert from "node:assert/strict";
import { before, test } from "node:test";

import { kv, startFakeKv } from "./fake-kv.ts";
import { handler } from "./handler.ts";

const FLAG = "new-ui";
const DEFAULT = false;

before(startFakeKv);

test("the response has the value of the flag", async () => {
  kv.failing = 401; // which is never remembered, so that the default comes first
  kv.stored.set(`flag/${FLAG}`, String(!DEFAULT));
  for (const isOn of [DEFAULT, !DEFAULT]) {
    const request = new Request("http://localhost/");
    const response = await handler(request);
    const [way, page] = isOn ? ["on", "New UI"] : ["off", "Old UI"];
    assert.equal(response.headers.get("X-Flag"), `${FLAG}=${way}`);
    assert.match(await response.text(), new RegExp(page));
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    kv.failing = 0;
  }
});
