// Replaces @telnyx/edge-runtime on your machine: `node --import ./local.mjs index.ts`. Each
// binding of func.toml calls the REST API at TELNYX_BASE_URL, which may be kvgen's own.
import { readFileSync } from "node:fs";
import module from "node:module";

module.registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "@telnyx/edge-runtime") return next(specifier, context);
    return { url: import.meta.url, shortCircuit: true };
  },
});

const kv = {
  async get(key, { type = "text" } = {}) {
    const response = await request("GET", `/${encodeURIComponent(key)}`);
    if (response.status === 404) return null;
    const text = await bodyOf(response, `get("${key}")`);
    return type === "json" ? JSON.parse(text) : text;
  },

  async put(key, value, { expirationTtl = 0 } = {}) {
    const seconds = Math.floor(expirationTtl);
    const query = seconds >= 1 ? `?ttl_secs=${seconds}` : ""; // a TTL below 1 is not sent
    const path = `/${encodeURIComponent(key)}${query}`;
    await bodyOf(await request("PUT", path, value), `put("${key}")`);
  },

  async delete(key) {
    const response = await request("DELETE", `/${encodeURIComponent(key)}`);
    await bodyOf(response, `delete("${key}")`);
  },

  async list({ prefix, limit, cursor } = {}) {
    const wanted = Object.entries({ prefix, limit, cursor });
    const given = wanted.filter(([, value]) => value !== undefined);
    const response = await request("GET", `?${new URLSearchParams(given)}`);
    const { data, meta } = JSON.parse(await bodyOf(response, "list()"));
    const keys = data.map(({ key, size_bytes, updated_at }) => {
      return { name: key, sizeBytes: size_bytes, updatedAt: updated_at };
    });
    return { keys, list_complete: !meta.has_more, cursor: meta.cursor };
  },
};

const manifest = readFileSync(new URL("func.toml", import.meta.url), "utf8");
const names = [...manifest.matchAll(/^\[storage\.kv\.(\w+)\]/gm)];

export const env = Object.fromEntries(names.map(([, name]) => [name, kv]));

function request(method, path, body) {
  const { TELNYX_BASE_URL, TELNYX_API_KEY, KV_NAMESPACE_ID } = process.env;
  const base = `${TELNYX_BASE_URL}/v2/storage/kvs/${KV_NAMESPACE_ID}/keys`;
  const headers = { Authorization: `Bearer ${TELNYX_API_KEY}` };
  return fetch(base + path, { method, headers, body, redirect: "manual" });
}

async function bodyOf(response, call) {
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`env KV ${call} failed: HTTP ${response.status}: ${text}`);
}
