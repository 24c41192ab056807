// A text in the key-value store, for a while.
import { kvGetWithExpiry, kvPutWithExpiry } from "./kv.js";

const KEY = "sample-pattern/latest";

/** Returns the text, or null if there is none or it has expired. */
export function read() {
  return kvGetWithExpiry(KEY);
}

/**
 * Stores a text for a number of seconds.
 * @param {string} text
 * @param {number} ttlSeconds
 */
export function write(text, ttlSeconds) {
  return kvPutWithExpiry(KEY, text, ttlSeconds);
}
