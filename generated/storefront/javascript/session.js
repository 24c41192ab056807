// What a session holds, and how it is kept in the key-value store.
import { randomBytes } from "node:crypto";

import { kvDelete, kvGetWithExpiry, kvPutWithExpiry } from "./kv.js";

/**
 * Returns a new session. Add members of your own.
 * @returns {Record<string, any>}
 */
export function newSession() {
  return { created: Date.now(), views: 0 };
}

/** Returns an id that nobody can guess: 128 random bits. */
export function newSessionId() {
  return randomBytes(16).toString("hex");
}

/**
 * Returns whether a text can be an id. The text of a header that was sent twice is
 * joined by a comma, and cannot.
 * @param {string | null} text
 */
export function isSessionId(text) {
  return text !== null && /^[A-Za-z0-9_-]{16,128}$/.test(text);
}

/**
 * Returns the session, or null if it is missing, expired or unreadable.
 * @param {string} id
 * @returns {Promise<Record<string, any> | null>}
 */
export async function loadSession(id) {
  const stored = await kvGetWithExpiry(`session/${id}`);
  if (stored === null) return null;
  try {
    const session = JSON.parse(stored);
    JSON.stringify(session); // throws if it is too deep to be written back
    if (session instanceof Object && !Array.isArray(session)) return session;
  } catch {
    // logged below
  }
  console.error("session: stored value is not a JSON object, starting afresh");
  return null;
}

/**
 * Stores the session for a number of seconds from now.
 * @param {string} id
 * @param {Record<string, any>} session
 * @param {number} ttlSeconds
 */
export async function saveSession(id, session, ttlSeconds) {
  await kvPutWithExpiry(`session/${id}`, JSON.stringify(session), ttlSeconds);
}

/**
 * Deletes the session, whether or not it exists.
 * @param {string} id
 */
export async function destroySession(id) {
  await kvDelete(`session/${id}`);
}

/**
 * Moves the session to a new id and returns the id. Call it when a user logs in: an id
 * that somebody else knew or planted before the login then no longer works.
 * @param {string} id
 * @param {Record<string, any>} session
 * @param {number} ttlSeconds
 */
export async function renewSession(id, session, ttlSeconds) {
  const newId = newSessionId();
  await saveSession(newId, session, ttlSeconds);
  await destroySession(id);
  return newId;
}

/**
 * Returns the id in a request's Cookie header, or null if there is none, if it cannot
 * be an id, or if the cookie was sent twice.
 * @param {string | null} cookieHeader
 * @param {string} name
 */
export function readSessionCookie(cookieHeader, name) {
  const values = (cookieHeader ?? "")
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));
  return values.length === 1 && isSessionId(values[0]) ? values[0] : null;
}

/**
 * Returns the Set-Cookie header that makes a browser send the id.
 * @param {string} name
 * @param {string} id
 * @param {number} ttlSeconds
 */
export function sessionCookie(name, id, ttlSeconds) {
  return `${name}=${id}; Path=/; Max-Age=${ttlSeconds}; HttpOnly; Secure; SameSite=Lax`;
}

/**
 * Returns the Set-Cookie header that makes a browser forget the id.
 * @param {string} name
 */
export function clearedCookie(name) {
  return sessionCookie(name, "", 0);
}
