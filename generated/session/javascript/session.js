import { randomBytes } from "node:crypto";

import { kvDelete, kvGetWithExpiry, kvPutWithExpiry } from "./kv.js";

const SESSION_ID = /^[A-Za-z0-9_-]{16,128}$/;
const LARGEST_COUNT = 2 ** 53;

/** A session as it begins. What you want to keep for each visitor starts here. */
export function newSession() {
  return { created: Date.now(), views: 0 };
}

/** Counts a request. Members that are not named here stay as they are. */
export function countView(session) {
  const { views } = session;
  const isCount = Number.isInteger(views) && Math.abs(views) <= LARGEST_COUNT;
  session.views = isCount ? views + 1 : 1;
}

/** An id that nobody can guess: 128 random bits. */
export function newSessionId() {
  return randomBytes(16).toString("hex");
}

/** Whether this is an id; null, several joined by commas and short ones are not. */
export function isSessionId(id) {
  return id !== null && SESSION_ID.test(id);
}

/** Returns the session, or null if it is missing, expired or unreadable. */
export async function loadSession(id) {
  const stored = await kvGetWithExpiry(`session/${id}`);
  if (!stored) return null;
  const session = parseSession(stored);
  if (session === null) {
    console.error(
      "session: stored value is not a JSON object, starting afresh",
    );
  }
  return session;
}

/** Stores the session for a number of seconds from now. */
export async function saveSession(id, session, ttlSeconds) {
  await kvPutWithExpiry(`session/${id}`, JSON.stringify(session), ttlSeconds);
}

/** Deletes the session, whether or not there is one. */
export async function destroySession(id) {
  await kvDelete(`session/${id}`);
}

function parseSession(text) {
  try {
    const value = JSON.parse(text);
    JSON.stringify(value); // throws for a value too deep to be written back
    return value instanceof Object && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
