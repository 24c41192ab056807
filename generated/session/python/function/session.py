"""Sessions in the key-value store: what they hold, and how they are kept."""

import logging
import re
import secrets
import time
from typing import Any, TypeGuard

from function.kv import kv_delete, kv_get_with_expiry, kv_put_with_expiry
from function.strict_json import LARGEST_INTEGER, encode_json, is_integer, parse_json

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{16,128}")

Session = dict[str, Any]

logger = logging.getLogger(__name__)


def new_session() -> Session:
    """Return a session as it begins; what you keep for each visitor starts here."""
    return {"created": int(time.time() * 1000), "views": 0}


def count_view(session: Session) -> None:
    """Count a request. Members that are not named here stay as they are."""
    views = session.get("views")
    count = int(views) if is_integer(views) else 0
    session["views"] = min(count + 1, LARGEST_INTEGER)


def new_session_id() -> str:
    """Return an id that nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


def is_session_id(session_id: str | None) -> TypeGuard[str]:
    """Tell whether this is an id; several joined by commas and short ones are not."""
    return session_id is not None and SESSION_ID.fullmatch(session_id) is not None


async def load_session(session_id: str) -> Session | None:
    """Return the session, or None if it is missing, expired or unreadable."""
    stored = await kv_get_with_expiry(f"session/{session_id}")
    if not stored:
        return None
    try:
        session = parse_json(stored)
    except ValueError:
        session = None
    if isinstance(session, dict):
        return session
    logger.warning("session: stored value is not a JSON object, starting afresh")
    return None


async def save_session(session_id: str, session: Session, ttl_seconds: int) -> None:
    """Store the session for a number of seconds from now."""
    text = encode_json(session)
    await kv_put_with_expiry(f"session/{session_id}", text, ttl_seconds)


async def destroy_session(session_id: str) -> None:
    """Delete the session, whether or not there is one."""
    await kv_delete(f"session/{session_id}")
