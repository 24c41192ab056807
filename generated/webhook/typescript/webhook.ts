// Webhooks: verifies that a request is from Telnyx, and processes its event once.
import { createPublicKey, verify } from "node:crypto";

import {
  ConfigError,
  KvError,
  kvGetWithExpiry,
  kvPutWithExpiry,
} from "./kv.ts";

// Telnyx waits two seconds for a response before it sends an event again.
const QUICKLY = { timeoutMs: 1000, retry: false };

/** An event from Telnyx; `event_type` says what the payload holds. */
export interface WebhookEvent {
  id: string;
  event_type: string;
  occurred_at: string;
  payload: Record<string, unknown>;
}

/** The request is not a valid event from Telnyx. The client is told why. */
export class WebhookError extends Error {
  expose = true;
  status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Returns the event in a request; throws a WebhookError if Telnyx has not signed it,
 * or not within the tolerance.
 */
export async function receiveEvent(
  request: Request,
  toleranceSeconds: number,
): Promise<WebhookEvent> {
  const key = readPublicKey();
  const timestamp = request.headers.get("Telnyx-Timestamp") ?? "";
  const signature = request.headers.get("Telnyx-Signature-Ed25519") ?? "";
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  // Not `age > toleranceSeconds`, which is false for NaN
  if (!(age <= toleranceSeconds)) {
    throw new WebhookError(401, "missing or stale timestamp");
  }

  const body = Buffer.from(await request.arrayBuffer()); // byte for byte as it was signed
  const signed = Buffer.concat([Buffer.from(`${timestamp}|`), body]);
  if (!verify(null, signed, key, Buffer.from(signature, "base64"))) {
    throw new WebhookError(401, "invalid signature");
  }
  return parseEvent(body.toString());
}

/**
 * Runs the effect of an event unless its id is marked as processed, and then marks the
 * id for a number of seconds. Returns whether the effect ran. If it throws, the id is
 * not marked, so the next delivery runs it again. If the store fails, the effect runs.
 */
export async function processOnce(
  id: string,
  dedupeSeconds: number,
  effect: () => unknown,
): Promise<boolean> {
  const key = `webhook/${id}`;
  const mark = await kvGetWithExpiry(key, QUICKLY).catch(passOver);
  if (mark) return false;
  await effect();
  await kvPutWithExpiry(key, "processed", dedupeSeconds, QUICKLY).catch(
    passOver,
  );
  return true;
}

/** Ignores a failure of the store, which kv.ts has logged. */
function passOver(error: unknown) {
  if (!(error instanceof KvError)) throw error;
}

function parseEvent(text: string): WebhookEvent {
  try {
    const { data } = JSON.parse(text);
    const { id, event_type } = data;
    const isText = typeof id === "string" && typeof event_type === "string";
    if (isText && /^[\w-]{1,128}$/.test(id)) return data;
  } catch {
    // not JSON, or not an object
  }
  throw new WebhookError(400, "malformed event");
}

function readPublicKey() {
  const text = process.env.TELNYX_PUBLIC_KEY;
  if (!text) throw new ConfigError("TELNYX_PUBLIC_KEY is not set");
  const x = Buffer.from(text, "base64").toString("base64url");
  try {
    const key = { kty: "OKP", crv: "Ed25519", x };
    return createPublicKey({ key, format: "jwk" });
  } catch {
    throw new ConfigError("TELNYX_PUBLIC_KEY is not an Ed25519 public key");
  }
}
