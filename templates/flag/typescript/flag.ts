// Feature flags in the key-value store: the key flag/<name> holds "true" or "false".
import { KvError, kvGetWithExpiry } from "./kv.ts";

interface Known {
  isOn: boolean;
  until: number; // on the clock of performance.now()
}

const remembered = new Map<string, Known>(); // by name

/**
 * Returns whether a flag is on, or the default if it is not set or cannot be read. The
 * value is remembered for a number of seconds; a failure is not remembered.
 */
export async function readFlag(
  name: string,
  byDefault: boolean,
  refreshSeconds: number,
): Promise<boolean> {
  const known = remembered.get(name);
  if (known && performance.now() < known.until) return known.isOn;

  let value: string | undefined;
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
