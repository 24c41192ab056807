// A text in the key-value store, for a while.
import { kvGetWithExpiry, kvPutWithExpiry } from "./kv.ts";

const KEY = "sample-pattern/latest";

/** Returns the text, or null if there is none or it has expired. */
export function read(): Promise<string | null> {
  return kvGetWithExpiry(KEY);
}

/** Stores a text for a number of seconds. */
export function write(text: string, ttlSeconds: number): Promise<void> {
  return kvPutWithExpiry(KEY, text, ttlSeconds);
}
