// The limit: the same round trips, by the leanest program on node:http. It checks nothing, has no
// deadline and no retry, and takes every answer for a good one.
import http from "node:http";

const { hostname, port } = new URL(process.env.TELNYX_BASE_URL);
const KEYS = `/v2/storage/kvs/${process.env.KV_NAMESPACE_ID}/keys/`;
const headers = { Authorization: `Bearer ${process.env.TELNYX_API_KEY}` };
const agent = new http.Agent({ keepAlive: true });

function call(method, key, body) {
  return new Promise((resolve) => {
    const path = KEYS + key;
    const options = { agent, hostname, port, method, path, headers };
    if (body) options.headers = { ...headers, "Content-Length": Buffer.byteLength(body) };
    const request = http.request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(text));
    });
    request.end(body);
  });
}

async function session(incoming) {
  const key = `session%2F${incoming.headers["x-session-id"]}`;
  const text = await call("GET", key);
  const data = text ? JSON.parse(JSON.parse(text).value) : { created: Date.now(), views: -1 };
  data.views += 1;
  const updated = JSON.stringify(data);
  await call("PUT", key, JSON.stringify({ value: updated, expires_at: Date.now() + 86_400_000 }));
  return updated;
}

async function cache(incoming) {
  const key = `cache%2F${encodeURIComponent(incoming.url)}`;
  const text = await call("GET", key);
  if (text) return JSON.parse(text).value;
  const value = "x".repeat(1000);
  await call("PUT", key, JSON.stringify({ value, expires_at: Date.now() + 300_000 }));
  return value;
}

async function flag() {
  return (await call("GET", "flag%2Fnew-ui")) === "true" ? "new" : "old";
}

const handler = { session, cache, flag }[process.env.PATTERN];

const server = http.createServer(async (incoming, outgoing) => {
  if (incoming.url === "/health") return outgoing.end();
  const text = await handler(incoming);
  outgoing.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  return outgoing.end(text);
});
server.listen(process.env.PORT, process.env.HOST);
