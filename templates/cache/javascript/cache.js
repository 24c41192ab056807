import { createHash } from "node:crypto";

import { encodeEntry, parseEntry } from "./answer.js";
import {
  KvError,
  kvFitsWithExpiry,
  kvGetWithExpiry,
  kvPutWithExpiry,
} from "./kv.js";

const LONGEST_KEY = 256;
const LARGEST_BODY = 2 ** 20; // bytes; the store takes no more
const HEX = "%[0-9A-Fa-f]{2}";
// RFC 3986, and the brackets and other signs that people send all the same.
const TARGET = new RegExp(
  `^((?:/(?:[\\w.~!$&'()*+,;=:@[\\]-]|${HEX})*)+)(\\?(?:[!$&-;=?-~]|${HEX})*)?$`,
);
const DOTS = /\/(?:\.|%2e){1,2}(?:\/|$)/i;
const NOT_FOR_ALL = /^(?:no-store|no-cache|private)$/;
const NOT_KEPT = /^(?:set-cookie|content-encoding)$/;

/** Returns a request's target without a lone `?`; null if it is not legal. */
export function cleanTarget(target) {
  const [, path, query] = TARGET.exec(target) ?? [];
  if (path === undefined || DOTS.test(path)) return null;
  return query === "?" ? path : target;
}

/** Returns the key of a target: what a key may not hold becomes `=` and hex. */
export function keyOf(prefix, target) {
  const encoded = target.replace(/[^A-Za-z0-9_/.-]/g, (character) => {
    return `=${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  const key = `cache/${prefix}${encoded}`;
  if (key.length <= LONGEST_KEY) return key;
  const digest = createHash("sha256").update(target).digest("hex");
  return `cache/${prefix}/=sha256/${digest}`;
}

const flights = new Map(); // those under way, by key

/** Loads a key once for all who ask for it meanwhile, if the answer is for all. */
export async function once(key, load) {
  const underWay = flights.get(key);
  if (underWay) {
    const found = await underWay;
    return found.isForAll ? found : load();
  }
  const flight = load().finally(() => flights.delete(key));
  flights.set(key, flight);
  return flight;
}

/**
 * Looks a key up: a HIT with its answer, a MISS, or a BYPASS where the store fails.
 * What is found may be shared with all who ask for it.
 */
export async function read(key) {
  try {
    const stored = await kvGetWithExpiry(key);
    const answer = stored ? parseEntry(stored) : null;
    if (answer) return { verdict: "HIT", answer, isForAll: true };
    return { verdict: "MISS", isForAll: false };
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    return { verdict: "BYPASS", isForAll: false };
  }
}

/** Stores an answer that is for all, for as long as the cache and the origin allow. */
export async function write(key, found, ttlSeconds) {
  if (!isForAll(found.answer)) return;
  const entry = encodeEntry(found.answer, Date.now());
  found.isForAll = kvFitsWithExpiry(entry);
  if (!found.isForAll) return;
  const ttl = Math.min(ttlSeconds, freshness(found.answer.headers));
  try {
    await kvPutWithExpiry(key, entry, ttl);
  } catch (error) {
    if (!(error instanceof KvError)) throw error; // it is asked for again
  }
}

/** Whether an answer of the origin may be kept, and served to everyone. */
function isForAll({ status, headers, body }) {
  return (
    status === 200 &&
    body.length <= LARGEST_BODY &&
    headers.every(([name]) => !NOT_KEPT.test(name)) &&
    !members(headers, "vary").includes("*") &&
    !directives(headers).some(([name]) => NOT_FOR_ALL.test(name)) &&
    freshness(headers) > 0
  );
}

/** Returns how many seconds the origin allows; without a word of its, Infinity. */
function freshness(headers) {
  const found = new Map(directives(headers).reverse()); // the first of two counts
  const seconds = found.get("s-maxage") ?? found.get("max-age");
  if (seconds === undefined) return Infinity;
  return /^\d+$/.test(seconds) ? Number(seconds) : 0;
}

function directives(headers) {
  return members(headers, "cache-control").map((member) => {
    const [, name, value] = /^([^=]*)=?(.*)$/.exec(member);
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1")];
  });
}

function members(headers, name) {
  const values = headers.filter((header) => header[0] === name);
  return values.flatMap(([, value]) => value.split(",").map((m) => m.trim()));
}
