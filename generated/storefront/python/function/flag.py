"""Flags in the key-value store, and the values that an instance remembers."""

import time

from function.kv import KvError, kv_get_with_expiry

_remembered: dict[str, tuple[bool, float]] = {}  # values by name, and their end


async def read_flag(name: str, by_default: bool, refresh_seconds: float) -> bool:
    """Return whether a flag is on.

    The value is remembered for a number of seconds; a failure is not remembered.
    """
    is_on, until = _remembered.get(name, (by_default, 0.0))
    if time.monotonic() < until:
        return is_on
    try:
        value = await kv_get_with_expiry(f"flag/{name}")
    except KvError:
        return by_default
    is_on = {"true": True, "false": False}.get((value or "").strip(), by_default)
    _remembered[name] = (is_on, time.monotonic() + refresh_seconds)
    return is_on
