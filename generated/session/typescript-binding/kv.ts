// The key-value store over the platform's binding: helpers for plain values, helpers for
// values with a lifetime, and an HTTP client for other servers.
import http from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { urlToHttpOptions } from "node:url";

import { env } from "@telnyx/edge-runtime";

const RETRY_DELAY_MS = 100;
const TRANSPORTS: Record<string, HttpModule | undefined> = {
  "http:": http,
  "https:": https,
};
const NO_TTL =
  ', if the namespace has no TTL support set expiry = "envelope" in kvgen.toml';

/**
 * `timeoutMs` is for a call and its retry, 5000 by default. `retry` allows one retry after a
 * network error or a 5xx, true by default.
 */
export type KvOptions = { timeoutMs?: number; retry?: boolean };

/** How to reach an HTTP server. */
export type Server = ReturnType<typeof readServer>;

/** `deadline` is on the clock of performance.now(), `maxBytes` of the response's body. */
export type Limits = { deadline: number; maxBytes: number };

/** The result of an HTTP request: a response, or the status 0 and the reason. */
export interface Result {
  status: number;
  rawHeaders: string[];
  body: Buffer;
  failure?: string;
}

/** What http and https have in common. */
type HttpModule = Pick<typeof http, "Agent" | "request">;

type Envelope = { value: string; expires_at: number };

/** A call to the store. */
type Call<T> = {
  method: "GET" | "PUT" | "DELETE";
  key: string;
  ttl?: number;
  send: () => Promise<T>;
};

type Outcome<T> = { value: T; failure?: undefined } | { failure: string };

/** A call to the key-value store failed. A missing key is not a failure. */
export class KvError extends Error {}

/** An environment variable is missing or invalid. */
export class ConfigError extends Error {}

/** Returns the text stored under a key, or null. */
export async function kvGet(key: string, options?: KvOptions) {
  const send = () => env.MY_KV.get(key);
  return call({ method: "GET", key, send }, options);
}

/** Stores a text under a key. */
export async function kvPut(key: string, value: string, options?: KvOptions) {
  const send = () => env.MY_KV.put(key, value);
  await call({ method: "PUT", key, send }, options);
}

/** Deletes a key, whether or not it is there. */
export async function kvDelete(key: string, options?: KvOptions) {
  const send = () => env.MY_KV.delete(key);
  await call({ method: "DELETE", key, send }, options);
}

/** Returns the text stored under a key, or null if it is missing or expired. */
export async function kvGetWithExpiry(key: string, options?: KvOptions) {
  const stored = await kvGet(key, options);
  const envelope = stored === null ? null : parseEnvelope(stored);
  if (envelope === null) return stored; // a value without an envelope does not expire
  // An expired key is not deleted here: another request may have just stored a new value.
  return Date.now() <= envelope.expires_at ? envelope.value : null;
}

/** Stores a text under a key for a number of seconds, rounded up. */
export async function kvPutWithExpiry(
  key: string,
  value: string,
  ttlSeconds: number,
  options?: KvOptions,
) {
  const ttl = Math.ceil(ttlSeconds);
  // The binding does not send such a TTL, so the key would never expire.
  if (!(ttl >= 1)) throw new RangeError("a lifetime below one second");
  const expires_at = Date.now() + ttl * 1000; // milliseconds
  const envelope = JSON.stringify({ value, expires_at });
  const send = () => env.MY_KV.put(key, envelope, { expirationTtl: ttl });
  await call({ method: "PUT", key, ttl, send }, options);
}

function parseEnvelope(text: string): Envelope | null {
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

/** Calls the store, whose binding has no time-out and no retry of its own. */
async function call<T>(
  wanted: Call<T>,
  { timeoutMs = 5000, retry = true }: KvOptions = {},
): Promise<T> {
  if (!env.MY_KV) throw new ConfigError("[storage.kv.MY_KV] is not set");
  const deadline = performance.now() + timeoutMs;

  let outcome = await attempt(wanted.send, deadline);
  if (retry && isPassing(outcome.failure)) {
    await sleep(RETRY_DELAY_MS);
    outcome = await attempt(wanted.send, deadline);
  }
  const { failure } = outcome;
  if (failure === undefined) return outcome.value;

  const [segment] = wanted.key.split("/"); // what follows may be an id
  const line = `kv ${wanted.method} ${encodeURIComponent(segment)}: ${failure}`;
  const isTtlRefused = failure === "409" && wanted.ttl !== undefined;
  console.error(isTtlRefused ? line + NO_TTL : line);
  throw new KvError(line);
}

async function attempt<T>(send: () => Promise<T>, deadline: number) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome<T>>((resolve) => {
    const timeoutMs = deadline - performance.now();
    timer = setTimeout(resolve, timeoutMs, { failure: "timed out" });
  });
  const outcome = await Promise.race([outcomeOf(send), late]);
  clearTimeout(timer);
  return outcome;
}

async function outcomeOf<T>(send: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await send() };
  } catch (error) {
    // Its text holds the key and a response's body, so only the status is used.
    const status = /failed: HTTP (\d{3})/.exec(String(error))?.[1];
    return { failure: status ?? "connection failed" };
  }
}

function isPassing(failure: string | undefined) {
  return failure === "connection failed" || Number(failure) >= 500;
}

/** Returns how to reach the server whose URL is in an environment variable. */
export function readServer(name: string) {
  const text = process.env[name];
  if (!text) throw new ConfigError(`${name} is not set`);
  const url = new URL(URL.canParse(text) ? text : "invalid:");
  const transport = TRANSPORTS[url.protocol];
  if (!transport) throw new ConfigError(`${name} is not an http or https URL`);
  const { hostname, port } = urlToHttpOptions(url);
  const agent = new transport.Agent({ keepAlive: true });
  const path = url.pathname.replace(/\/+$/, "");
  return { transport, options: { hostname, port, agent }, path };
}

/**
 * Makes one HTTP request and reads the response to its end. It does not use fetch: with an
 * AbortSignal, that takes longer than the rest of a function's work.
 */
export function exchange(
  server: Server,
  options: http.RequestOptions,
  limits: Limits,
  body?: string,
): Promise<Result> {
  return new Promise((resolve) => {
    const abort = (failure: string) => {
      resolve(noResponse(failure));
      request.destroy();
    };
    const receive = (response: http.IncomingMessage) => {
      const { statusCode: status = 0, rawHeaders } = response;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
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
      resolve(noResponse("connection failed")); // no effect if already resolved
    });
    request.end(body);
  });
}

function noResponse(failure: string): Result {
  return { status: 0, rawHeaders: [], body: Buffer.alloc(0), failure };
}
