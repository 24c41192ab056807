import {
  destroySession,
  isSessionId,
  loadSession,
  newSession,
  newSessionId,
  saveSession,
} from "./session.ts";

const SESSION_TTL = 86400; // 24 hours
const SESSION_HEADER = "X-Session-ID";

/** Counts the requests of a session; a POST without an id starts a new one. */
export async function handler(request: Request): Promise<Response> {
  const { method, headers } = request;
  if (!["GET", "POST", "DELETE"].includes(method)) {
    const allowed = { Allow: "GET, POST, DELETE" };
    return json(405, { error: "method not allowed" }, allowed);
  }

  const sentId = headers.get(SESSION_HEADER);
  const isNew = method === "POST" && sentId === null;
  const sessionId = isNew ? newSessionId() : sentId;
  if (!isSessionId(sessionId)) {
    const rule = "must be sent once, with 16 to 128 of A-Z a-z 0-9 _ -";
    return json(400, { error: `${SESSION_HEADER} ${rule}` });
  }

  if (method === "DELETE") {
    await destroySession(sessionId);
    return new Response(null, { status: 204, headers: NO_STORE });
  }

  // Read session (null if missing or expired)
  let session = isNew ? null : await loadSession(sessionId);

  if (!session) {
    session = newSession();
  } else {
    session.views = Number.isInteger(session.views) ? session.views + 1 : 1;
  }

  // Store with its lifetime renewed
  await saveSession(sessionId, session, SESSION_TTL);

  if (!isNew) return json(200, session);
  return json(201, session, { [SESSION_HEADER]: sessionId });
}

const NO_STORE = { "Cache-Control": "no-store" };

function json(status: number, value: unknown, headers = {}) {
  return Response.json(value, { status, headers: { ...NO_STORE, ...headers } });
}
