// What a session holds, and how it is kept in the key-value store.
import { randomBytes } from "node:crypto";

import { kvDelete, kvGetWithExpiry, kvPutWithExpiry } from "./kv.ts";

/** The data of a session. */
export interface Session {
  created: number;
  views: number;
  [member: string]: unknown;
}

/** Returns a new session. Add members of your own. */
export function newSession(): Session {
  return { created: Date.now(), views: 0 };
}

/** Returns an id that nobody can guess: 128 random bits. */
export function newSessionId(): string {
  return randomBytes(16).toString("hex");
}

/**
 * Returns whether a text can be an id. The text of a header that was sent twice is
 * joined by a comma, and cannot.
 */
export function isSessionId(text: string | null): text is string {
  return text !== null && /^[A-Za-z0-9_-]{16,128}$/.test(text);
}

/** Returns the session, or null if it is missing, expired or unreadable. */
export async function loadSession(id: string): Promise<Session | null> {
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

/** Stores the session for a number of seconds from now. */
export async function saveSession(
  id: string,
  session: Session,
  ttlSeconds: number,
): Promise<void> {
  await kvPutWithExpiry(`session/${id}`, JSON.stringify(session), ttlSeconds);
}

/** Deletes the session, whether or not it exists. */
export async function destroySession(id: string): Promise<void> {
  await kvDelete(`session/${id}`);
}

/**
 * Moves the session to a new id and returns the id. Call it when a user logs in: an id
 * that somebody else knew or planted before the login then no longer works.
 */
export async function renewSession(
  id: string,
  session: Session,
  ttlSeconds: number,
): Promise<string> {
  const newId = newSessionId();
  await saveSession(newId, session, ttlSeconds);
  await destroySession(id);
  return newId;
}

/**
 * Returns the id in a request's Cookie header, or null if there is none, if it cannot
 * be an id, or if the cookie was sent twice.
 */
export function readSessionCookie(
  cookieHeader: string | null,
  name: string,
): string | null {
  const values = (cookieHeader ?? "")
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));
  return values.length === 1 && isSessionId(values[0]) ? values[0] : null;
}

/** Returns the Set-Cookie header that makes a browser send the id. */
export function sessionCookie(
  name: string,
  id: string,
  ttlSeconds: number,
): string {
  return `${name}=${id}; Path=/; Max-Age=${ttlSeconds}; HttpOnly; Secure; SameSite=Lax`;
}

/** Returns the Set-Cookie header that makes a browser forget the id. */
export function clearedCookie(name: string): string {
  return sessionCookie(name, "", 0);
}
