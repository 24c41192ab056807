// Caches responses in the key-value store, for as long as the origin allows.
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { validateHeaderValue } from "node:http";

import { KvError, kvGetWithExpiry, kvPutWithExpiry } from "./kv.ts";

const MAX_KEY_LENGTH = 256;
const MAX_VALUE_BYTES = 2 ** 20;
// A cache must be fast: if the store is slow or fails, the request goes on without it.
const QUICKLY = { timeoutMs: 2000, retry: false };

const HEX = "%[0-9A-Fa-f]{2}";
// The characters of RFC 3986, and others that clients send anyway.
const TARGET = new RegExp(
  `^(?:/(?:[\\w.~!$&'()*+,;=:@[\\]-]|${HEX})*)+(?:\\?(?:[!$&-;=?-~]|${HEX})*)?$`,
);
const DOT_SEGMENT = /^[^?]*\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

// Hop-by-hop headers, and headers about the time of the response.
const NOT_PASSED_ON =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|date|server)$/;
// A member of the CDN-Cache-Control dictionary: a name and an optional value. The value of
// max-age and s-maxage is a number, and so has no quotes.
const MEMBER =
  /^(?![a-z-]*age=")[a-z*][\w.*-]*(?:=(?:"[^"]*"|[^\s",;]+))?(?:;\s*[^\s",;]+)*$/;

/** Makes the response to be stored. */
export type Load = () => Promise<Response> | Response;

type Verdict = "HIT" | "MISS" | "BYPASS";

interface Found {
  status: number;
  headers: [string, string][];
  body: Buffer;
  storedAt?: number; // in milliseconds, if it comes from the store
}

interface Flight {
  found: Found;
  verdict: Verdict;
  isShared: boolean;
}

/** Returns a request's target without a `?` at its end. */
export function cleanTarget(target: string): string {
  return target.replace(/^([^?]*)\?$/, "$1");
}

/** Returns the key of a request's target, or null if the target is malformed. */
export function cacheKey(prefix: string, target: string): string | null {
  if (!TARGET.test(target) || DOT_SEGMENT.test(target)) return null;
  const cleaned = cleanTarget(target);
  // Characters that a key may not contain become `=` and hex.
  const encoded = cleaned.replace(/[^A-Za-z0-9_/.-]/g, (character) => {
    return `=${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  const key = `cache/${prefix}${encoded}`;
  if (key.length <= MAX_KEY_LENGTH) return key;
  const digest = createHash("sha256").update(cleaned).digest("hex");
  return `cache/${prefix}/=sha256/${digest}`;
}

const flights = new Map<string, Promise<Flight>>(); // lookups and loads in progress, by key

/**
 * Returns the response stored under a key, or else loads and stores it. Its X-Cache is
 * HIT, MISS, or BYPASS if the store cannot be read. Concurrent requests for one key share
 * the result, if the response may be stored. It is stored for ttlSeconds at most.
 */
export async function cached(
  key: string,
  ttlSeconds: number,
  load: Load,
): Promise<Response> {
  const underWay = flights.get(key);
  if (underWay) {
    const { found, verdict, isShared } = await underWay;
    return toResponse(isShared ? found : await capture(await load()), verdict);
  }
  const flight = findOrLoad(key, ttlSeconds, load);
  flights.set(key, flight);
  try {
    const { found, verdict } = await flight;
    return toResponse(found, verdict);
  } finally {
    flights.delete(key);
  }
}

/**
 * Removes the headers of the origin's response that are not passed on, and sets X-Cache
 * to BYPASS.
 */
export function bypassed({ status, headers, body }: Response): Response {
  const passedOn = new Response(body, { status, headers: endToEnd(headers) });
  passedOn.headers.set("X-Cache", "BYPASS");
  return passedOn;
}

async function findOrLoad(
  key: string,
  ttlSeconds: number,
  load: Load,
): Promise<Flight> {
  let verdict: Verdict = "MISS";
  try {
    const entry = parseEntry(await kvGetWithExpiry(key, QUICKLY));
    if (entry) return { found: entry, verdict: "HIT", isShared: true };
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    verdict = "BYPASS";
  }

  const response = await load();
  const found = await capture(response);
  const lifetime = lifetimeOf(response, ttlSeconds);
  if (!(lifetime > 0)) return { found, verdict, isShared: false };

  const entry = toEntry(found, Date.now() - ageOf(response) * 1000);
  const envelope = JSON.stringify({ value: entry, expires_at: Date.now() });
  const isShared = Buffer.byteLength(envelope) <= MAX_VALUE_BYTES;
  if (isShared && verdict === "MISS") await keep(key, entry, lifetime);
  return { found, verdict, isShared };
}

async function keep(key: string, entry: string, lifetime: number) {
  try {
    await kvPutWithExpiry(key, entry, lifetime, QUICKLY);
  } catch (error) {
    if (!(error instanceof KvError)) throw error; // it is loaded again
  }
}

/** How many seconds a response may be stored; 0 or less means not at all. */
function lifetimeOf(response: Response, ttlSeconds: number): number {
  const { status, headers } = response;
  const isForAll =
    status === 200 &&
    !headers.has("Set-Cookie") &&
    !headers.has("Content-Encoding") &&
    !headers.get("Vary")?.includes("*");
  if (!isForAll) return 0;
  const allowed = allowedSeconds(headers) ?? ttlSeconds;
  return Math.min(ttlSeconds, allowed - ageOf(response));
}

/** How many seconds a response is fresh by its headers; undefined if they do not say. */
function allowedSeconds(headers: Headers): number | undefined {
  const forCdn = headers.get("CDN-Cache-Control"); // RFC 9213: it replaces the others
  const control = forCdn || headers.get("Cache-Control");
  if (forCdn && !forCdn.split(",").every((m) => MEMBER.test(m.trim())))
    return 0;

  // In any spelling: if in doubt, the response is not stored.
  const restriction = control ?? headers.get("Pragma") ?? "";
  if (/no-store|no-cache|private/i.test(restriction)) return 0;

  for (const directive of [/\bs-maxage([^,;]*)/gi, /\bmax-age([^,;]*)/gi]) {
    const values = [...restriction.matchAll(directive)].map(toSeconds);
    if (values.length > 0) return Math.min(...values);
  }

  const expires = headers.get("Expires");
  if (forCdn || expires === null) return undefined;
  const date = parseDate(headers.get("Date") ?? "") || Date.now();
  return (parseDate(expires) - date) / 1000;
}

/** The seconds of a directive, 0 if it is malformed. */
function toSeconds([, value]: RegExpExecArray): number {
  const [, digits] = /^\s*=\s*"?(\d+)"?\s*$/.exec(value) ?? [];
  return Number(digits ?? 0);
}

/** Milliseconds since 1970, or NaN if it is not an HTTP date; Date.parse accepts "0". */
function parseDate(text: string): number {
  return /^\w+, .* GMT$/.test(text) ? Date.parse(text) : NaN;
}

/** The Age of a response in seconds, or NaN if it is malformed. */
function ageOf({ headers }: Response): number {
  const age = headers.get("Age") ?? "0";
  return /^\d+$/.test(age) ? Number(age) : NaN;
}

async function capture(response: Response): Promise<Found> {
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: endToEnd(response.headers), body };
}

function endToEnd(headers: Headers): [string, string][] {
  const named = (headers.get("Connection") ?? "").toLowerCase().split(",");
  const dropped = new Set(named.map((name) => name.trim()));
  return [...headers].filter(
    ([name]) => !NOT_PASSED_ON.test(name) && !dropped.has(name),
  );
}

function toResponse(
  { status, headers, body, storedAt }: Found,
  verdict: Verdict,
): Response {
  const content = body.length > 0 ? body : null; // a 304 must not have a body
  const response = new Response(content, { status, headers });
  response.headers.set("X-Cache", verdict);
  if (storedAt !== undefined) {
    const age = Math.floor((Date.now() - storedAt) / 1000);
    response.headers.set("Age", String(Math.max(0, age)));
  }
  return response;
}

/** Encodes a response for the store; the format is the same in every language. */
function toEntry({ status, headers, body }: Found, stored_at: number): string {
  const encoding = isUtf8(body) ? "utf-8" : "base64";
  return JSON.stringify({
    status,
    headers: headers.filter(([name]) => name !== "age"),
    stored_at,
    encoding,
    body: body.toString(encoding),
  });
}

/** Reads a stored response; null for any other text. */
function parseEntry(text: string | null): Found | null {
  try {
    const entry = JSON.parse(text ?? "");
    for (const [name, value] of entry.headers) validateHeaderValue(name, value);
    const isEntry =
      entry.status === 200 && // no other status is stored
      typeof entry.stored_at === "number" &&
      ["utf-8", "base64"].includes(entry.encoding) &&
      typeof entry.body === "string";
    if (!isEntry) return null;
    return {
      status: 200,
      headers: [...new Headers(entry.headers)],
      body: Buffer.from(entry.body, entry.encoding),
      storedAt: entry.stored_at,
    };
  } catch {
    return null;
  }
}
