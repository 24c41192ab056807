import assert from "node:assert/strict";
import http from "node:http";
import { before, beforeEach, test } from "node:test";

import { readFlag } from "./flag.js";
import { handler } from "./handler.js";

const FLAG = "new-ui";
const DEFAULT = false;

// A key-value store with one key; `status` answers what is asked for it.
let status = 404;
let value = "";
let calls = 0;
const kv = http.createServer((request, response) => {
  calls += 1;
  response.shouldKeepAlive = false; // nor would the tests end while one is kept
  response.statusCode = status;
  response.end(value);
});

before(async () => {
  await new Promise((resolve) => kv.listen(0, "127.0.0.1", resolve));
  kv.unref(); // or the tests would not end
  process.env.TELNYX_BASE_URL = `http://127.0.0.1:${kv.address().port}`;
  process.env.TELNYX_API_KEY = "test";
  process.env.KV_NAMESPACE_ID = "test";
});

beforeEach(() => {
  status = 200;
  calls = 0;
});

test("the answer says which way the flag went", async () => {
  const request = { method: "GET", target: "/", headers: new Headers() };
  status = 401; // which is never remembered, so that the default comes first
  for (const isOn of [DEFAULT, !DEFAULT]) {
    const response = await handler(request);
    const [way, page] = isOn ? ["on", "New UI"] : ["off", "Old UI"];
    assert.equal(response.headers.get("X-Flag"), `${FLAG}=${way}`);
    assert.match(await response.text(), new RegExp(page));
    status = 200;
    value = String(!DEFAULT);
  }
});

for (const byDefault of [true, false]) {
  test(`a flag is read, with the default ${byDefault}`, async () => {
    const read = () => readFlag("any", byDefault, 0);
    value = "true";
    assert.equal(await read(), true);
    value = "false";
    assert.equal(await read(), false);
    const soon = Date.now() + 60_000;
    value = JSON.stringify({ value: "true", expires_at: soon });
    assert.equal(await read(), true);
    value = JSON.stringify({ value: String(!byDefault), expires_at: 1 });
    assert.equal(await read(), byDefault);
    for (const other of ["", "TRUE", "1", "null"]) {
      value = other;
      assert.equal(await read(), byDefault);
    }
    for (const failing of [401, 404]) {
      status = failing;
      assert.equal(await read(), byDefault);
    }
  });
}

test("a flag is remembered for as long as it may be, a failure never", async () => {
  status = 401;
  assert.equal(await readFlag("kept", false, 60), false);
  status = 200;
  value = "true";
  assert.equal(await readFlag("kept", false, 60), true);
  value = "false";
  assert.equal(await readFlag("kept", false, 60), true);
  assert.equal(calls, 2);
});
