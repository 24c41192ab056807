"""The cache: what is stored and for how long, and one load for concurrent requests."""

import asyncio
import base64
import calendar
import contextlib
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from operator import itemgetter
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from function.kv import KvError, kv_get_with_expiry, kv_put_with_expiry

KV_TIMEOUT = 2.0  # seconds for a read or a write: a slow store must not delay responses
MAX_KEY = 256
MAX_ENTRY = 2**20 - 100  # bytes; the store takes 1 MiB, with the envelope
HEX = "%[0-9A-Fa-f]{2}"
# The characters of RFC 3986, and others that clients send anyway.
TARGET = re.compile(
    rf"((?:/(?:[A-Za-z0-9_.~!$&'()*+,;=:@\[\]-]|{HEX})*)+)"
    rf"(?:\?((?:[!$&-;=?-~]|{HEX})*))?"
)
DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
NOT_STORED = {b"age", b"content-length", b"x-cache"}
# A header of an entry. Its length is that of the body, whatever the entry says.
FIELD = re.compile(
    r"(?!(?i:content-length):)[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*"
)
MAX_SECONDS = 2**31  # RFC 9111, 1.2.2
FORBIDDEN = re.compile("no-store|no-cache|private", re.IGNORECASE)
# A dictionary of RFC 8941, as far as directives need it. The number of max-age has no
# quotes.
MEMBER = r'(?![a-z-]*age=")[a-z*][a-z0-9_.*-]*(?:=(?:[A-Za-z0-9_.*-]+|"[^"\\]*"))?'
TARGETED = re.compile(rf"{MEMBER}(?:[ \t]*,[ \t]*{MEMBER})*")

Load = Callable[[], Awaitable[Response]]


def raw_target(request: Request) -> str:
    """Return the path and the query as they were sent; ``request.url`` decodes them."""
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def cache_key(prefix: str, target: str) -> str | None:
    """Return the key of a target, or None if the target is malformed.

    Characters that a key may not contain become ``=`` and hex; a long key is hashed.
    """
    match = TARGET.fullmatch(target)
    if match is None or DOTS.search(match[1]):
        return None
    target = target.removesuffix("?") if match[2] == "" else target
    encoded = re.sub(r"[^A-Za-z0-9_/.-]", lambda sign: f"={ord(sign[0]):02X}", target)
    key = f"cache/{prefix}{encoded}"
    if len(key) <= MAX_KEY:
        return key
    return f"cache/{prefix}/=sha256/{hashlib.sha256(target.encode()).hexdigest()}"


class Found(NamedTuple):
    """A response, where it is from, and whether other requests may share it."""

    response: Response
    verdict: str  # HIT, MISS or BYPASS
    is_shared: bool


_flights: dict[str, asyncio.Task[Found]] = {}  # lookups and loads in progress, by key


async def cached(key: str, ttl_seconds: float, load: Load) -> Response:
    """Return the response stored under a key, or load it and store it if it may be.

    Requests for one key share one read, one load and one write. ``load`` must
    return a complete response, not a stream.
    """
    flight = _flights.get(key)
    is_own = flight is None
    if flight is None:
        # A separate task, which goes on when a client leaves.
        flight = asyncio.create_task(_find(key, ttl_seconds, load))
        flight.add_done_callback(lambda _: _flights.pop(key))
        _flights[key] = flight
    response, verdict, is_shared = await asyncio.shield(flight)
    if not is_own and not is_shared:
        response = await load()
    return _with_verdict(response, verdict)


async def _find(key: str, ttl_seconds: float, load: Load) -> Found:
    try:
        stored = await kv_get_with_expiry(key, KV_TIMEOUT)
    except KvError:
        return Found(await load(), "BYPASS", is_shared=False)
    hit = _parse_entry(stored) if stored else None
    if hit is not None:
        return Found(hit, "HIT", is_shared=True)

    response = await load()
    age, lifetime = _freshness(response, ttl_seconds)
    if lifetime <= 0:
        return Found(response, "MISS", is_shared=False)
    entry = _encode_entry(response, age)
    # The envelope quotes the entry again, which makes it longer.
    if len(json.dumps(entry, ensure_ascii=False).encode()) > MAX_ENTRY:
        return Found(response, "MISS", is_shared=False)
    with contextlib.suppress(KvError):
        await kv_put_with_expiry(key, entry, lifetime, KV_TIMEOUT)
    return Found(response, "MISS", is_shared=True)


def _with_verdict(response: Response, verdict: str) -> Response:
    """Copy a response, since each request may add headers to it."""
    copy = Response(response.body, response.status_code)
    copy.raw_headers = [h for h in response.raw_headers if h[0] != b"x-cache"]
    copy.headers["X-Cache"] = verdict
    return copy


def _freshness(response: Response, ttl_seconds: float) -> tuple[float, float]:
    """Return how old a response is and how long it may be stored, in seconds.

    Follows RFC 9111, and RFC 9213 for CDN-Cache-Control; if in doubt, it is not stored.
    """
    headers = Headers(raw=getattr(response, "received", response.raw_headers))
    targeted = headers.getlist("CDN-Cache-Control")
    fields = targeted or headers.getlist("Cache-Control") or headers.getlist("Pragma")
    control = ", ".join(fields)
    age = ", ".join(headers.getlist("Age")) or "0"
    if (
        response.status_code != 200
        or len(response.body) > MAX_ENTRY
        or "Set-Cookie" in headers
        or "Content-Encoding" in headers
        or "*" in ",".join(headers.getlist("Vary"))
        or FORBIDDEN.search(control)
        or (targeted and not TARGETED.fullmatch(control))
        or not re.fullmatch("[0-9]+", age)
    ):
        return 0, 0

    allowed = _seconds(control, "s-maxage")
    if allowed is None:
        allowed = _seconds(control, "max-age")
    if allowed is None and not targeted and "Expires" in headers:
        allowed = _seconds_until(headers["Expires"], headers.get("Date"))
    if allowed is None:
        allowed = ttl_seconds
    return float(age), min(ttl_seconds, allowed - float(age))


def _seconds(control: str, directive: str) -> float | None:
    """Return the smallest value of a directive: None without it, 0 if malformed."""
    number = r'\s*=\s*"?([0-9]+)"?\s*(?=,|$)'
    pattern = rf"(?:^|,)\s*{directive}\b(?:{number})?"
    found = re.findall(pattern, control, re.IGNORECASE)
    return min(MAX_SECONDS, *(float(text or 0) for text in found)) if found else None


def _seconds_until(expires: str, date: str | None) -> float:
    try:
        now = time.time() if date is None else _parse_date(date)
        return _parse_date(expires) - now
    except ValueError:
        return 0


def _parse_date(text: str) -> float:
    return calendar.timegm(time.strptime(text, "%a, %d %b %Y %H:%M:%S GMT"))


def _encode_entry(response: Response, age: float) -> str:
    """Encode a response for the store; the format is the same in every language."""
    content = bytes(response.body)
    try:
        encoding, body = "utf-8", content.decode()
    except UnicodeDecodeError:
        encoding, body = "base64", base64.b64encode(content).decode()
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in response.raw_headers
        if name not in NOT_STORED
    ]
    entry = {
        "status": response.status_code,
        "headers": sorted(headers, key=itemgetter(0)),
        "stored_at": int((time.time() - age) * 1000),
        "encoding": encoding,
        "body": body,
    }
    return json.dumps(entry, ensure_ascii=False)


def _parse_entry(text: str) -> Response | None:
    """Decode a stored response and its age; None for any other text."""
    try:
        match json.loads(text):
            case {
                "status": 200,
                "headers": list(headers),
                "stored_at": int(stored_at),
                "encoding": encoding,
                "body": str(body),
            }:
                content = body.encode()
                if encoding == "base64":
                    content = base64.b64decode(content, validate=True)
                response = Response(content)
                for name, value in headers:
                    if not FIELD.fullmatch(f"{name}: {value}"):
                        return None
                    response.headers.append(name, value)
                age = (int(time.time() * 1000) - stored_at) // 1000
                response.headers["Age"] = str(max(0, age))
                return response
    except (AttributeError, RecursionError, TypeError, ValueError):
        pass
    return None
