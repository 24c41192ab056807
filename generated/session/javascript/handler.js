import { errorResponse, jsonResponse } from "./responses.js";
import * as sessions from "./session.js";

const SESSION_TTL = 86400; // 24 hours
const SESSION_HEADER = "X-Session-ID";
const METHODS = "GET, POST, DELETE";

/** Counts the requests of a session; a POST without an id starts a new one. */
export async function handler(request) {
  if (!METHODS.split(", ").includes(request.method)) {
    return errorResponse(405, "method not allowed", { Allow: METHODS });
  }

  const sentId = request.headers.get(SESSION_HEADER);
  const isNew = request.method === "POST" && sentId === null;
  const sessionId = isNew ? sessions.newSessionId() : sentId;
  if (!sessions.isSessionId(sessionId)) {
    const rule = "must be sent once, with 16 to 128 of A-Z a-z 0-9 - _";
    return errorResponse(400, `${SESSION_HEADER} ${rule}`);
  }

  if (request.method === "DELETE") {
    await sessions.destroySession(sessionId);
    const headers = { "Cache-Control": "no-store" };
    return new Response(null, { status: 204, headers });
  }

  // Read session (null if missing or expired)
  let session = isNew ? null : await sessions.loadSession(sessionId);
  if (session) {
    sessions.countView(session);
  } else {
    session = sessions.newSession();
  }

  // Store with its lifetime renewed
  await sessions.saveSession(sessionId, session, SESSION_TTL);

  if (!isNew) return jsonResponse(200, session);
  return jsonResponse(201, session, { [SESSION_HEADER]: sessionId });
}
