// Feature flags in the key-value store: the key flag/<name> holds "true" or "false".
import { KvError, kvGetWithExpiry } from "./kv.js";

const remembered = new Map(); // by name: the value of a flag, and until when it is valid

/**
 * Returns whether a flag is on, or the default if it is not set or cannot be read. The
 * value is remembered for a number of seconds; a failure is not remembered.
 * @param {string} name
 * @param {boolean} byDefault
 * @param {number} refreshSeconds
 */
export async function readFlag(name, byDefault, refreshSeconds) {
  const known = remembered.get(name);
  if (known && performance.now() < known.until) return known.isOn;

  let value;
  try {
    value = (await kvGetWithExpiry(`flag/${name}`))?.trim();
  } catch (error) {
    if (error instanceof KvError) return byDefault;
    throw error;
  }
  const isOn = value === "true" || (value !== "false" && byDefault);
  const until = performance.now() + refreshSeconds * 1000;
  remembered.set(name, { isOn, until });
  return isOn;
}
