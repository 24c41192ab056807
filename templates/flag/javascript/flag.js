import { KvError, kvGetWithExpiry } from "./kv.js";

const remembered = new Map(); // by name: what a flag was, and until when that holds

/**
 * Returns whether a flag is on. What was read is remembered for a number of seconds,
 * a failure never.
 */
export async function readFlag(name, byDefault, refreshSeconds) {
  const known = remembered.get(name);
  if (known && performance.now() < known.until) return known.isOn;
  try {
    const value = await kvGetWithExpiry(`flag/${name}`);
    const isOn = value === "true" || (value !== "false" && byDefault);
    const until = performance.now() + refreshSeconds * 1000;
    remembered.set(name, { isOn, until });
    return isOn;
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    return byDefault;
  }
}
