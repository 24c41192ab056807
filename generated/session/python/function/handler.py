"""The function itself."""

from function import session as sessions
from function.http import Request, Response, error_response, json_response

SESSION_TTL = 86400  # 24 hours
SESSION_HEADER = "X-Session-ID"
METHODS = ("GET", "POST", "DELETE")


async def handler(request: Request) -> Response:
    """Count the requests of a session; a POST without an id starts a new one."""
    if request.method not in METHODS:
        return error_response(405, "method not allowed", {"Allow": ", ".join(METHODS)})

    session_id = request.headers.get(SESSION_HEADER)
    is_new = request.method == "POST" and session_id is None
    if is_new:
        session_id = sessions.new_session_id()
    if not sessions.is_session_id(session_id):
        rule = "must be sent once, with 16 to 128 of A-Z a-z 0-9 - _"
        return error_response(400, f"{SESSION_HEADER} {rule}")

    if request.method == "DELETE":
        await sessions.destroy_session(session_id)
        return {"status": 204, "body": "", "headers": {"Cache-Control": "no-store"}}

    # Read session (None if missing or expired)
    session = None if is_new else await sessions.load_session(session_id)
    if session is None:
        session = sessions.new_session()
    else:
        sessions.count_view(session)

    # Store with its lifetime renewed
    await sessions.save_session(session_id, session, SESSION_TTL)

    if is_new:
        return json_response(201, session, {SESSION_HEADER: session_id})
    return json_response(200, session)
