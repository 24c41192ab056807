"""Flags in the key-value store, and what an instance remembers of them."""

import time

from function.kv import KvError, kv_get_with_expiry

_remembered: dict[str, tuple[bool, float]] = {}  # what a flag was, and until when


async def read_flag(name: str, default: bool, refresh_seconds: float) -> bool:
    """Tell whether a flag is on.

    What was read is remembered for a number of seconds, a failure never.
    """
    is_on, until = _remembered.get(name, (default, 0.0))
    if time.monotonic() < until:
        return is_on
    try:
        value = await kv_get_with_expiry(f"flag/{name}")
    except KvError:
        return default
    is_on = {"true": True, "false": False}.get(value or "", default)
    _remembered[name] = (is_on, time.monotonic() + refresh_seconds)
    return is_on
