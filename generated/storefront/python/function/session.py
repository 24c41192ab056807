"""Sessions: what they hold, and how they are kept in the key-value store."""

import json
import logging
import re
import secrets
import time
from typing import Any, TypeGuard

from function.kv import kv_delete, kv_get_with_expiry, kv_put_with_expiry

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{16,128}")

Session = dict[str, Any]

logger = logging.getLogger(__name__)


def new_session() -> Session:
    """Return a new session; add members of your own."""
    return {"created": int(time.time() * 1000), "views": 0}


def new_session_id() -> str:
    """Return an id that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


def is_session_id(text: str | None) -> TypeGuard[str]:
    """Tell whether a text can be an id."""
    return text is not None and SESSION_ID.fullmatch(text) is not None


async def load_session(session_id: str) -> Session | None:
    """Return the session, or None if it is missing, expired or unreadable."""
    stored = await kv_get_with_expiry(f"session/{session_id}")
    if not stored:
        return None
    try:
        session = json.loads(stored)
        # Python reads more than JSON allows, such as NaN, and could not send it again.
        json.dumps(session, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        session = None
    if isinstance(session, dict):
        return session
    logger.warning("session: stored value is not a JSON object, starting afresh")
    return None


async def save_session(session_id: str, session: Session, ttl_seconds: float) -> None:
    """Store the session for a number of seconds from now."""
    text = json.dumps(session, ensure_ascii=False)
    await kv_put_with_expiry(f"session/{session_id}", text, ttl_seconds)


async def destroy_session(session_id: str) -> None:
    """Delete the session, whether or not it exists."""
    await kv_delete(f"session/{session_id}")


async def renew_session(session_id: str, session: Session, ttl_seconds: float) -> str:
    """Move the session to a new id and return the id: do this when a user logs in.

    An id that somebody else knew or planted before the login then no longer works.
    """
    new_id = new_session_id()
    await save_session(new_id, session, ttl_seconds)
    await destroy_session(session_id)
    return new_id


def read_session_cookie(cookie_header: str | None, name: str) -> str | None:
    """Return the id in a Cookie header; None if it is missing, malformed or repeated."""
    pairs = [pair.strip().partition("=") for pair in (cookie_header or "").split(";")]
    ids = [value for key, _, value in pairs if key == name]
    return ids[0] if len(ids) == 1 and is_session_id(ids[0]) else None


def session_cookie(name: str, session_id: str, ttl_seconds: int) -> str:
    """Return a Set-Cookie header that makes the browser send the id."""
    attributes = f"Path=/; Max-Age={ttl_seconds}; HttpOnly; Secure; SameSite=Lax"
    return f"{name}={session_id}; {attributes}"


def cleared_cookie(name: str) -> str:
    """Return a Set-Cookie header that makes the browser forget the id."""
    return session_cookie(name, "", 0)
