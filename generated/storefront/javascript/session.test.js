import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";

import { kv, resetFakeKv, startFakeKv } from "./fake-kv.js";
import { KvError } from "./kv.js";
import * as sessions from "./session.js";

const ID = "a-session-id-for-tests";

before(startFakeKv);
beforeEach(resetFakeKv);

test("a session is loaded as it was saved", async () => {
  const session = { ...sessions.newSession(), name: "Ada", tags: ["x"] };
  await sessions.saveSession(ID, session, 60);
  assert.deepEqual(await sessions.loadSession(ID), session);
  assert.deepEqual(kv.calls, [`PUT session/${ID}`, `GET session/${ID}`]);
});

test("a missing session is null", async () => {
  assert.equal(await sessions.loadSession(ID), null);
});

test("a session expires", async () => {
  const earliest = Date.now() + 60_000;
  await sessions.saveSession(ID, sessions.newSession(), 59.5);
  const { value, expires_at } = JSON.parse(kv.stored.get(`session/${ID}`));
  assert.ok(expires_at >= earliest && expires_at <= Date.now() + 60_000);
  const expired = JSON.stringify({ value, expires_at: Date.now() - 1 });
  kv.stored.set(`session/${ID}`, expired);
  assert.equal(await sessions.loadSession(ID), null);
});

for (const text of ["", "[1]", "7", "null", '{"views":']) {
  test(`the stored text ${JSON.stringify(text)} is not a session`, async () => {
    kv.stored.set(`session/${ID}`, text);
    assert.equal(await sessions.loadSession(ID), null);
  });
}

test("a failing store is not a missing session", async () => {
  kv.failing = 401;
  await assert.rejects(sessions.loadSession(ID), KvError);
});

test("a destroyed session is gone", async () => {
  await sessions.saveSession(ID, sessions.newSession(), 60);
  await sessions.destroySession(ID);
  assert.equal(kv.stored.size, 0);
});

test("a renewed session has a new id and not its old one", async () => {
  const session = { created: 1, views: 2 };
  await sessions.saveSession(ID, session, 60);
  const newId = await sessions.renewSession(ID, session, 60);
  assert.deepEqual(await sessions.loadSession(newId), session);
  assert.equal(await sessions.loadSession(ID), null);
});

test("new ids are ids, and differ", () => {
  const ids = Array.from({ length: 100 }, sessions.newSessionId);
  assert.ok(ids.every(sessions.isSessionId));
  assert.equal(new Set(ids).size, 100);
});

for (const text of [null, "", "short", "x".repeat(129), `${ID}, ${ID}`]) {
  test(`${text} is not an id`, () => assert.ok(!sessions.isSessionId(text)));
}

test("the id is read from its cookie", () => {
  const read = (header) => sessions.readSessionCookie(header, "sid");
  assert.equal(read(`a=b; sid=${ID}`), ID);
  for (const header of [
    null,
    "",
    "sid",
    "sid=short",
    `xsid=${ID}`,
    `SID=${ID}`,
    `sid=${ID}; sid=${ID}`,
  ]) {
    assert.equal(read(header), null, String(header));
  }
});

test("the cookie is HttpOnly, Secure and SameSite", () => {
  assert.equal(
    sessions.sessionCookie("sid", ID, 60),
    `sid=${ID}; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax`,
  );
  assert.equal(
    sessions.clearedCookie("sid"),
    "sid=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
  );
});
