// The patterns as the documentation page has them, step for step, behind the smallest server that
// makes them run: what somebody has who started from the page.
import http from "node:http";

const { TELNYX_BASE_URL, TELNYX_API_KEY, KV_NAMESPACE_ID, ORIGIN_URL } = process.env;
const KEYS = `${TELNYX_BASE_URL}/v2/storage/kvs/${KV_NAMESPACE_ID}/keys`;
const AUTHORIZATION = { Authorization: `Bearer ${TELNYX_API_KEY}` };

async function kvGet(key) {
  const response = await fetch(`${KEYS}/${encodeURIComponent(key)}`, { headers: AUTHORIZATION });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`read failed: ${response.status}`);
  return await response.text();
}

async function kvPut(key, body) {
  const url = `${KEYS}/${encodeURIComponent(key)}`;
  const response = await fetch(url, { method: "PUT", headers: AUTHORIZATION, body });
  if (!response.ok) throw new Error(`write failed: ${response.status}`);
}

async function kvDelete(key) {
  const url = `${KEYS}/${encodeURIComponent(key)}`;
  await fetch(url, { method: "DELETE", headers: AUTHORIZATION });
}

async function kvGetWithExpiry(key) {
  const text = await kvGet(key);
  if (text === null) return null;
  const { value, expires_at } = JSON.parse(text);
  if (Date.now() <= expires_at) return value;
  await kvDelete(key);
  return null;
}

async function kvPutWithExpiry(key, value, seconds) {
  await kvPut(key, JSON.stringify({ value, expires_at: Date.now() + seconds * 1000 }));
}

async function session(request) {
  const key = `session/${request.headers.get("X-Session-ID")}`;
  const text = await kvGetWithExpiry(key);
  const data = text ? JSON.parse(text) : { created: Date.now(), views: -1 };
  data.views += 1;
  const updated = JSON.stringify(data);
  await kvPutWithExpiry(key, updated, 86400);
  return new Response(updated);
}

async function cache(request) {
  const key = `cache/api${new URL(request.url).pathname}`;
  const cached = await kvGetWithExpiry(key);
  if (cached) return new Response(cached, { headers: { "X-Cache": "HIT" } });
  const text = await (await fetch(`${ORIGIN_URL}/data`)).text();
  await kvPutWithExpiry(key, text, 300);
  return new Response(text, { headers: { "X-Cache": "MISS" } });
}

async function flag() {
  const isOn = (await kvGet("flag/new-ui")) === "true";
  return new Response(isOn ? "new" : "old");
}

const handler = { session, cache, flag }[process.env.PATTERN];

const server = http.createServer(async ({ method, url, headers }, outgoing) => {
  if (url === "/health") return outgoing.end();
  const response = await handler(new Request(`http://localhost${url}`, { method, headers }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  return outgoing.end(await response.text());
});
server.listen(process.env.PORT, process.env.HOST);
