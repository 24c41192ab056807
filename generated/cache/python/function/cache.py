"""The cache: keys, what may be kept, and one load for all who ask at the same time."""

import asyncio
import contextlib
import hashlib
import math
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from function.answer import Answer, encode_entry, parse_entry
from function.kv import (
    KvError,
    kv_fits_with_expiry,
    kv_get_with_expiry,
    kv_put_with_expiry,
)

LONGEST_KEY = 256
LARGEST_BODY = 2**20  # bytes; the store takes no more
HEX = "%[0-9A-Fa-f]{2}"
# RFC 3986, and the brackets and other signs that people send all the same.
TARGET = re.compile(
    rf"((?:/(?:[A-Za-z0-9_.~!$&'()*+,;=:@\[\]-]|{HEX})*)+)"
    rf"(\?(?:[!$&-;=?-~]|{HEX})*)?"
)
DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
NOT_FOR_ALL = {"no-store", "no-cache", "private"}
NOT_KEPT = {"set-cookie", "content-encoding"}


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: a HIT, a MISS or a BYPASS, and whether it is for everyone."""

    verdict: str
    answer: Answer
    is_for_all: bool


def clean_target(target: str) -> str | None:
    """Return a request's target without a lone ``?``; None if it is not legal."""
    match = TARGET.fullmatch(target)
    if match is None or DOTS.search(match[1]):
        return None
    return match[1] if match[2] == "?" else target


def key_of(prefix: str, target: str) -> str:
    """Return the key of a target: what a key may not hold becomes ``=`` and hex."""
    encoded = re.sub(r"[^A-Za-z0-9_/.-]", lambda sign: f"={ord(sign[0]):02X}", target)
    key = f"cache/{prefix}{encoded}"
    if len(key) <= LONGEST_KEY:
        return key
    return f"cache/{prefix}/=sha256/{hashlib.sha256(target.encode()).hexdigest()}"


_flights: dict[str, asyncio.Task[Found]] = {}  # those under way, by key


async def once(key: str, load: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
    """Load a key once for all who ask meanwhile, if the answer is for all."""
    flight = _flights.get(key)
    if flight is not None:
        found = await asyncio.shield(flight)
        return found if found.is_for_all else await load()
    # A task of its own: a client that goes away does not take it along.
    flight = _flights[key] = asyncio.create_task(load())
    flight.add_done_callback(lambda _: _flights.pop(key))
    return await asyncio.shield(flight)


async def read(key: str) -> tuple[str, Answer | None]:
    """Look a key up: a HIT and its answer, a MISS, a BYPASS where the store fails."""
    try:
        stored = await kv_get_with_expiry(key)
    except KvError:
        return "BYPASS", None
    answer = parse_entry(stored) if stored else None
    return ("MISS" if answer is None else "HIT"), answer


async def write(key: str, answer: Answer, ttl_seconds: int) -> bool:
    """Store an answer that is for all, for as long as the cache and the origin allow.

    Tells whether it is for all, also where the store fails: it is asked for again then.
    """
    if not _is_for_all(answer):
        return False
    entry = encode_entry(answer, stored_at=int(time.time() * 1000))
    if not kv_fits_with_expiry(entry):
        return False
    ttl = int(min(ttl_seconds, _freshness(answer)))
    with contextlib.suppress(KvError):
        await kv_put_with_expiry(key, entry, ttl)
    return True


def _is_for_all(answer: Answer) -> bool:
    """Tell whether an answer may be kept, and served to everyone."""
    return (
        answer.status == 200
        and len(answer.body) <= LARGEST_BODY
        and not any(name in NOT_KEPT for name, _ in answer.headers)
        and "*" not in _members(answer, "vary")
        and not any(name in NOT_FOR_ALL for name, _ in _directives(answer))
        and _freshness(answer) > 0
    )


def _freshness(answer: Answer) -> float:
    """Return how many seconds the origin allows; without a word of its, infinity."""
    found = dict(reversed(_directives(answer)))  # the first of two counts
    seconds = found.get("s-maxage", found.get("max-age"))
    if seconds is None:
        return math.inf
    return float(seconds) if re.fullmatch("[0-9]+", seconds) else 0


def _directives(answer: Answer) -> list[tuple[str, str]]:
    directives = []
    for member in _members(answer, "cache-control"):
        name, _, value = member.partition("=")
        unquoted = re.sub(r'^"(.*)"$', r"\1", value.strip())
        directives.append((name.strip().lower(), unquoted))
    return directives


def _members(answer: Answer, name: str) -> list[str]:
    values = [value for header, value in answer.headers if header == name]
    return [member.strip() for value in values for member in value.split(",")]
