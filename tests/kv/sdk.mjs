// Every namespace and key call by the vendor's package from npm, as it is, against TELNYX_BASE_URL.
// Says what it saw as one JSON object; the test that runs this knows what that has to be.
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";

const require = createRequire(`${process.env.TOOLS}/`);
const { default: Telnyx } = await import(require.resolve("telnyx"));

const { kvs } = new Telnyx({ apiKey: process.env.TELNYX_API_KEY, maxRetries: 0 }).storage;
const seen = {};

/** Returns the status that a call is refused with, and the class of the error. */
async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return [error.status, error.constructor.name];
  }
  return null;
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

const { data: created } = await kvs.create({ name: "from-npm" });
const id = created.id;
seen.created = created;
seen.pending = await refusal(kvs.keys.retrieve("a", { id }));
while ((await kvs.retrieve(id)).data.status === "pending") await setTimeout(20);
seen.taken = await refusal(kvs.create({ name: "from-npm" }));
seen.illegal = await refusal(kvs.create({ name: "No!" }));

for (const name of ["page-a", "page-b", "page-c"]) await kvs.create({ name });
seen.namespaces = (await all(kvs.list({ "page[size]": 2 }))).map(({ name }) => name);

const bytes = Buffer.from([0, 255, 13, 10]);
const put = kvs.keys.update("user/1", bytes, { id }).asResponse();
seen.put = [(await put).status, await (await put).text()];
seen.again = (await kvs.keys.update("user/1", bytes, { id }).asResponse()).status;
const value = await kvs.keys.retrieve("user/1", { id });
seen.value = [value.headers.get("content-type"), Buffer.from(await value.arrayBuffer()).toString("hex")];
seen.typed = await (async () => {
  const headers = { "Content-Type": "application/json" };
  await kvs.keys.update("typed", '{"a":1}', { id }, { headers });
  const read = await kvs.keys.retrieve("typed", { id });
  return [read.headers.get("content-type"), await read.text()];
})();
seen.lifetime = (await kvs.keys.update("short", bytes, { id, ttl_secs: 3600 }).asResponse()).status;
seen.badLifetime = await refusal(kvs.keys.update("short", bytes, { id, ttl_secs: 0 }));
seen.colon = await refusal(kvs.keys.update("a:b", bytes, { id }));
seen.large = await refusal(kvs.keys.update("large", Buffer.alloc(1_048_577), { id }));
seen.missing = await refusal(kvs.keys.retrieve("missing", { id }));

for (let number = 0; number < 7; number++) await kvs.keys.update(`page/${number}`, bytes, { id });
seen.keys = (await all(kvs.keys.list(id, { prefix: "page/", limit: 3 }))).map(({ key }) => key);
[seen.row] = await all(kvs.keys.list(id, { prefix: "user/" }));

for (let twice = 0; twice < 2; twice++) await kvs.keys.delete("user/1", { id });
seen.deletedKey = await refusal(kvs.keys.retrieve("user/1", { id }));
seen.deleting = (await kvs.delete(id)).data.status;
seen.alreadyDeleting = await refusal(kvs.delete(id));
let gone = null;
while (!(gone = await refusal(kvs.retrieve(id)))) await setTimeout(20);
seen.gone = gone;
const stranger = new Telnyx({ apiKey: "wrong", maxRetries: 0 });
seen.stranger = await refusal(stranger.storage.kvs.list());

console.log(JSON.stringify(seen));
