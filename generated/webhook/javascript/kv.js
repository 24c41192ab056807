// The key-value store over its REST API: helpers for plain values, helpers for values
// with a lifetime, and the HTTP client below them.
import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { urlToHttpOptions } from "node:url";

const RETRY_DELAY_MS = 100;
const MAX_RESPONSE_BYTES = 2 ** 21;
const TRANSPORTS = { "http:": http, "https:": https };
const NO_TTL =
  ', if the namespace has no TTL support set expiry = "envelope" in kvgen.toml';

/**
 * @typedef {object} KvOptions
 * @property {number} [timeoutMs] for a call and its retry; 5000 by default
 * @property {boolean} [retry] once, after a network error or a 5xx; true by default
 */

/** A call to the key-value store failed. A missing key is not a failure. */
export class KvError extends Error {}

/** An environment variable is missing or invalid. */
export class ConfigError extends Error {}

let store; // read from the environment by the first call, then kept

/**
 * Returns the text stored under a key, or null.
 * @param {string} key
 * @param {KvOptions} [options]
 * @returns {Promise<string | null>}
 */
export async function kvGet(key, options) {
  const { status, body } = await call("GET", encodeURIComponent(key), options);
  return status === 404 ? null : body.toString();
}

/**
 * Stores a text under a key.
 * @param {string} key
 * @param {string} value
 * @param {KvOptions} [options]
 */
export async function kvPut(key, value, options) {
  await call("PUT", encodeURIComponent(key), options, value);
}

/**
 * Deletes a key, whether or not it is there.
 * @param {string} key
 * @param {KvOptions} [options]
 */
export async function kvDelete(key, options) {
  await call("DELETE", encodeURIComponent(key), options);
}

/**
 * Returns the text stored under a key, or null if it is missing or expired.
 * @param {string} key
 * @param {KvOptions} [options]
 * @returns {Promise<string | null>}
 */
export async function kvGetWithExpiry(key, options) {
  const stored = await kvGet(key, options);
  const envelope = stored === null ? null : parseEnvelope(stored);
  if (envelope === null) return stored; // a value without an envelope does not expire
  // An expired key is not deleted here: another request may have just stored a new value.
  return Date.now() <= envelope.expires_at ? envelope.value : null;
}

/**
 * Stores a text under a key for a number of seconds, rounded up.
 * @param {string} key
 * @param {string} value
 * @param {number} ttlSeconds
 * @param {KvOptions} [options]
 */
export async function kvPutWithExpiry(key, value, ttlSeconds, options) {
  const ttl = Math.ceil(ttlSeconds);
  const expires_at = Date.now() + ttl * 1000; // milliseconds
  const envelope = JSON.stringify({ value, expires_at });
  const path = `${encodeURIComponent(key)}?ttl_secs=${ttl}`;
  await call("PUT", path, options, envelope);
}

function parseEnvelope(text) {
  try {
    const envelope = JSON.parse(text);
    const isEnvelope =
      typeof envelope.value === "string" &&
      typeof envelope.expires_at === "number" &&
      Object.keys(envelope).length === 2;
    return isEnvelope ? envelope : null;
  } catch {
    return null; // not JSON, or null
  }
}

async function call(method, path, options = {}, value = "") {
  store ??= readStore();
  const { server, headers } = store;
  const { timeoutMs = 5000, retry = true } = options;
  const request = { method, path: store.path + path, headers };
  const deadline = performance.now() + timeoutMs;
  const limits = { deadline, maxBytes: MAX_RESPONSE_BYTES };
  const send = () => exchange(server, request, limits, value);

  let result = await send();
  const isPassing =
    result.status >= 500 || result.failure === "connection failed";
  if (retry && isPassing) {
    await sleep(RETRY_DELAY_MS);
    result = await send();
  }
  const { status, failure } = result;
  if (status >= 200 && status < 300) return result;
  if (status === 404 && method === "GET") return result;

  const [segment] = path.split(/%2F|\?/); // of the key; what follows may be an id
  const line = `kv ${method} ${segment}: ${failure ?? status}`;
  const isTtlRefused = status === 409 && path.includes("?ttl_secs=");
  console.error(isTtlRefused ? line + NO_TTL : line);
  throw new KvError(line);
}

function readStore() {
  const id = encodeURIComponent(readVariable("KV_NAMESPACE_ID"));
  const headers = { Authorization: `Bearer ${readVariable("TELNYX_API_KEY")}` };
  const server = readServer("TELNYX_BASE_URL", "https://api.telnyx.com");
  const base = server.path.replace(/\/v2$/, "");
  return { server, headers, path: `${base}/v2/storage/kvs/${id}/keys/` };
}

function readVariable(name, byDefault) {
  const value = process.env[name] || byDefault;
  if (!value) throw new ConfigError(`${name} is not set`);
  return value;
}

/**
 * Returns how to reach the server whose URL is in an environment variable.
 * @param {string} name
 * @param {string} [byDefault]
 */
export function readServer(name, byDefault) {
  const text = readVariable(name, byDefault);
  const url = new URL(URL.canParse(text) ? text : "invalid:");
  const transport = TRANSPORTS[url.protocol];
  if (!transport) throw new ConfigError(`${name} is not an http or https URL`);
  const { hostname, port } = urlToHttpOptions(url);
  const agent = new transport.Agent({ keepAlive: true });
  const path = url.pathname.replace(/\/+$/, "");
  return { transport, options: { hostname, port, agent }, path };
}

/**
 * @typedef {object} Limits
 * @property {number} deadline on the clock of performance.now()
 * @property {number} maxBytes of the response's body
 */

/**
 * Makes one HTTP request and reads the response to its end. It does not use fetch: with an
 * AbortSignal, that takes longer than the rest of a function's work.
 * @param {ReturnType<typeof readServer>} server
 * @param {http.RequestOptions} options
 * @param {Limits} limits
 * @param {string} [body]
 */
export function exchange(server, options, limits, body) {
  return new Promise((resolve) => {
    const abort = (failure) => {
      resolve(failed(failure));
      request.destroy();
    };
    const receive = (response) => {
      const { statusCode: status = 0, rawHeaders } = response;
      const chunks = [];
      let size = 0;
      response.on("data", (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > limits.maxBytes) abort("response too large");
      });
      response.on("end", () => {
        resolve({ status, rawHeaders, body: Buffer.concat(chunks) });
      });
    };
    const all = { ...server.options, ...options };
    const request = server.transport.request(all, receive);
    request.maxHeadersCount = 0; // no limit: Node would silently drop the 2001st
    const timeoutMs = limits.deadline - performance.now();
    const timer = setTimeout(abort, timeoutMs, "timed out");
    request.on("error", () => {}); // "close" follows
    request.on("close", () => {
      clearTimeout(timer);
      resolve(failed("connection failed")); // no effect if already resolved
    });
    request.end(body);
  });
}

function failed(failure) {
  return { status: 0, rawHeaders: [], body: Buffer.alloc(0), failure };
}
