import { setTimeout as sleep } from "node:timers/promises";

import { parseUrl, readVariable } from "./config.js";

const DEADLINE_MS = 5000; // for a call all told, its retry included
const RETRY_AFTER_MS = 100;
const LARGEST_VALUE = 2 ** 20; // bytes
const LARGEST_ANSWER = 2 * LARGEST_VALUE;
const LARGEST_INTEGER = 2 ** 53;

/** A call to the key-value store that failed. A missing key is not a failure. */
export class KvError extends Error {}

let store; // read from the environment by the first call, then kept

/** Returns the text stored under a key, or null. */
export async function kvGet(key) {
  const { status, body } = await call("GET", pathOf(key));
  return status === 404 ? null : body.toString("utf8");
}

/** Stores a text under a key. */
export async function kvPut(key, value) {
  await call("PUT", pathOf(key), value);
}

/** Deletes a key, whether or not it is there. */
export async function kvDelete(key) {
  await call("DELETE", pathOf(key));
}

/** Returns the text stored under a key, or null if it is missing or expired. */
export async function kvGetWithExpiry(key) {
  const stored = await kvGet(key);
  const envelope = stored === null ? null : parseEnvelope(stored);
  if (envelope === null) return stored;
  // Not deleted here: another request may have written it anew a moment ago.
  return Date.now() > envelope.expires_at ? null : envelope.value;
}

/** Stores a text under a key for a number of seconds. */
export async function kvPutWithExpiry(key, value, ttlSeconds) {
  const envelope = toEnvelope(value, Date.now() + ttlSeconds * 1000);
  await kvPut(key, envelope);
}

/** Returns whether a text, once in its envelope, is small enough for kvPutWithExpiry. */
export function kvFitsWithExpiry(value) {
  return Buffer.byteLength(toEnvelope(value, Date.now())) <= LARGEST_VALUE;
}

function toEnvelope(value, expires_at) {
  return JSON.stringify({ value, expires_at });
}

/** Reads an envelope; null for any other text, which is a value without expiry. */
function parseEnvelope(text) {
  let envelope;
  try {
    envelope = JSON.parse(text);
  } catch {
    return null;
  }
  const isEnvelope =
    typeof envelope?.value === "string" &&
    Number.isInteger(envelope.expires_at) &&
    Math.abs(envelope.expires_at) <= LARGEST_INTEGER &&
    Object.keys(envelope).length === 2;
  return isEnvelope ? envelope : null;
}

function pathOf(key) {
  return encodeURIComponent(key);
}

async function call(method, path, body) {
  store ??= readStore();
  const answer = await sendOrRetry(method, path, body);
  const { status, failure } = answer;
  if (status >= 200 && status < 300) return answer;
  if (status === 404 && method === "GET") return answer;

  const isMisconfigured = [401, 404, 409].includes(status);
  const hint = isMisconfigured ? ", check the configuration" : "";
  const [segment] = path.split(/[%?]/); // of the key; what follows may be an id
  console.error(`kv ${method} ${segment}: ${failure ?? status}${hint}`);
  throw new KvError(`${method} failed: ${failure ?? status}`);
}

async function sendOrRetry(method, path, body) {
  if (body && Buffer.byteLength(body) > LARGEST_VALUE) {
    return { failure: "value too large" };
  }
  const deadline = performance.now() + DEADLINE_MS;
  const answer = await send(method, path, body, deadline);
  const isPassing =
    answer.status >= 500 || answer.failure === "connection failed";
  if (!isPassing) return answer;
  await sleep(RETRY_AFTER_MS);
  return send(method, path, body, deadline);
}

/** Sends one request and reads the answer to its end: a status and a body, or a failure. */
function send(method, path, body, deadline) {
  const { transport, target, authorization } = store;
  const headers = {
    Authorization: authorization,
    "Accept-Encoding": "identity",
  };
  if (body !== undefined) headers["Content-Length"] = Buffer.byteLength(body);
  const options = { ...target, method, path: target.path + path, headers };
  return new Promise((resolve) => {
    const fail = (failure) => resolve({ failure });
    const onError = () => fail("connection failed");
    const request = transport.request(options, (response) => {
      const chunks = [];
      let size = 0;
      response.on("data", (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_ANSWER) {
          fail("answer too large");
          request.destroy();
        }
      });
      response.on("end", () => {
        resolve({ status: response.statusCode, body: Buffer.concat(chunks) });
      });
      response.on("error", onError);
    });
    // A timer costs a fraction of what an AbortSignal does, and leaves nothing behind.
    const timer = setTimeout(() => {
      fail("timed out");
      request.destroy();
    }, deadline - performance.now());
    request.on("error", onError);
    request.on("close", () => {
      clearTimeout(timer);
      onError(); // the end of all else, such as a 101
    });
    request.end(body);
  });
}

function readStore() {
  const namespaceId = readVariable("KV_NAMESPACE_ID", "KV_FLAGS_ID");
  const apiKey = readVariable("TELNYX_API_KEY");
  const url = process.env.TELNYX_BASE_URL || "https://api.telnyx.com";
  const { transport, target } = parseUrl("TELNYX_BASE_URL", url);
  const base = target.path.replace(/\/+$/, "").replace(/\/v2$/, "");
  const id = encodeURIComponent(namespaceId);
  target.path = `${base}/v2/storage/kvs/${id}/keys/`;
  return { transport, target, authorization: `Bearer ${apiKey}` };
}
