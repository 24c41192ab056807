"""The function itself."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from function.session import (
    destroy_session,
    is_session_id,
    load_session,
    new_session,
    new_session_id,
    save_session,
)

SESSION_TTL = 86400  # 24 hours
SESSION_HEADER = "X-Session-ID"
NO_STORE = {"Cache-Control": "no-store"}


async def handler(request: Request) -> Response:
    """Count the requests of a session; a POST without an id starts a new one."""
    if request.method not in ("GET", "POST", "DELETE"):
        raise HTTPException(405, "method not allowed", {"Allow": "GET, POST, DELETE"})

    session_ids = request.headers.getlist(SESSION_HEADER)
    is_new = request.method == "POST" and not session_ids
    session_id = new_session_id() if is_new else ",".join(session_ids)
    if not is_session_id(session_id):
        rule = "must be sent once, with 16 to 128 of A-Z a-z 0-9 _ -"
        raise HTTPException(400, f"{SESSION_HEADER} {rule}")

    if request.method == "DELETE":
        await destroy_session(session_id)
        return Response(status_code=204, headers=NO_STORE)

    # Read session (None if missing or expired)
    session = None if is_new else await load_session(session_id)
    if session is None:
        session = new_session()
    else:
        views = session.get("views")
        session["views"] = views + 1 if type(views) is int else 1

    # Store with its lifetime renewed
    await save_session(session_id, session, SESSION_TTL)

    if is_new:
        return JSONResponse(session, 201, {**NO_STORE, SESSION_HEADER: session_id})
    return JSONResponse(session, headers=NO_STORE)
