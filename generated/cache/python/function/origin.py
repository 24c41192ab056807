"""The origin: what it is asked, and what of its answer is kept."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from function.answer import Answer, is_kept
from function.client import ClientError, TooLargeError, fetch
from function.config import check_url, read_variable
from function.http import HEADER_VALUE, Headers

if TYPE_CHECKING:
    import aiohttp

DEADLINE = 10.0  # seconds, with the body
LARGEST_BODY = 10 * 2**20  # bytes
LARGEST_HEADERS = 2**16  # bytes, in names and values


class OriginError(Exception):
    """The origin gave no answer that could be passed on; ``status`` says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def ask_origin(target: str, headers: Headers | None = None) -> Answer:
    """Ask the origin for a target.

    What a client sent goes along only where ``headers`` is given.
    """
    url = read_origin() + target
    try:
        async with asyncio.timeout(DEADLINE):
            return await _send(url, headers)
    except TimeoutError:
        raise OriginError(504, "origin timed out") from None
    except TooLargeError:
        raise OriginError(502, "origin answer too large") from None
    except (ClientError, ValueError):
        raise OriginError(502, "origin unreachable") from None


async def _send(url: str, headers: Headers | None) -> Answer:
    sent = {"Accept-Encoding": "identity", "User-Agent": "edge-cache"}
    for name in ("Authorization", "Accept"):
        value = headers.get(name) if headers else None
        if value is not None:
            sent[name] = value
    response, body = await fetch(
        "GET",
        url,
        largest=LARGEST_BODY,
        check=_check_head,
        headers=sent,
        skip_auto_headers=["Accept"],
        # With those that are not passed on; how many there are is of no matter.
        max_field_size=2 * LARGEST_HEADERS,
        max_headers=2 * LARGEST_HEADERS,
    )
    return Answer(response.status, _kept(response), body)


def _check_head(response: "aiohttp.ClientResponse") -> None:
    size = sum(len(name) + len(value) for name, value in _kept(response))
    if not 200 <= response.status <= 599 or size > LARGEST_HEADERS:
        response.close()  # and what more may come
        raise OriginError(502, "origin unreachable")


def _kept(response: "aiohttp.ClientResponse") -> list[tuple[str, str]]:
    """Return the headers that are kept, sorted: an entry is alike in every language."""
    headers = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in response.raw_headers
    ]
    if not all(HEADER_VALUE.fullmatch(value) for _, value in headers):
        raise ValueError("a control character in a header")
    first = dict(reversed(headers))
    # Of old it is no-cache for all of HTTP, if nothing else is said; Go's client adds
    # this too.
    if first.get("pragma") == "no-cache" and "cache-control" not in first:
        headers.append(("cache-control", "no-cache"))
    connection = ",".join(value for name, value in headers if name == "connection")
    named = {name.strip().lower() for name in connection.split(",")}
    kept = [field for field in headers if is_kept(field[0]) and field[0] not in named]
    return sorted(kept, key=lambda field: field[0])


@cache
def read_origin() -> str:
    """Return the address of the origin, once the environment has a good one."""
    return check_url("ORIGIN_URL", read_variable("ORIGIN_URL")).removesuffix("/")
