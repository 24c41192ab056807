"""Requests to the origin, and what is passed on from its responses."""

import asyncio
import re
from collections.abc import Mapping

import aiohttp
from starlette.exceptions import HTTPException
from starlette.responses import Response
from yarl import URL

from function.kv import http_client, read_body, read_url

TIMEOUT = 10.0  # seconds, with the body
MAX_BODY = 10 * 2**20  # bytes
MAX_HEADERS = 2**16  # bytes, in names and values

# Hop-by-hop headers, and headers about the time of the response: not passed on.
DROPPED = re.compile(
    rb"connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*"
    rb"|content-length|date|server"
)
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

RawHeaders = list[tuple[bytes, bytes]]


class OriginResponse(Response):
    """A response of the origin; ``received`` has its headers before any was dropped."""

    received: RawHeaders


async def fetch_origin(
    target: str, headers: Mapping[str, str] | None = None
) -> OriginResponse:
    """Ask the origin for a target.

    If the client's headers are given, only Authorization and Accept are passed on.
    """
    sent = {"Accept-Encoding": "identity", "User-Agent": "edge-cache"}
    for name in ("Authorization", "Accept"):
        if headers is not None and name in headers:
            sent[name] = headers[name]
    url = URL(read_url("ORIGIN_URL") + target, encoded=True)  # the target as it came
    try:
        async with asyncio.timeout(TIMEOUT):
            return await _fetch(url, sent)
    except TimeoutError:
        raise HTTPException(504, "origin timed out") from None
    except aiohttp.ClientError:
        raise HTTPException(502, "origin unreachable") from None


async def _fetch(url: URL, headers: dict[str, str]) -> OriginResponse:
    async with http_client().get(
        url,
        headers=headers,
        skip_auto_headers=["Accept"],
        allow_redirects=False,
        max_field_size=MAX_HEADERS,
        max_headers=MAX_HEADERS,
    ) as response:
        received = [(name.lower(), value) for name, value in response.raw_headers]
        passed_on = _end_to_end(received)
        if (
            not 200 <= response.status <= 599
            or response.headers.get("Transfer-Encoding", "chunked").lower() != "chunked"
            or sum(len(name + value) for name, value in passed_on) > MAX_HEADERS
            or any(CONTROL.search(value) for _, value in received)
        ):
            raise HTTPException(502, "origin unreachable")
        body = await read_body(response, MAX_BODY)
    if body is None:
        raise HTTPException(502, "origin response too large")
    answer = OriginResponse(body, response.status)
    answer.raw_headers += passed_on
    answer.received = received
    return answer


def _end_to_end(headers: RawHeaders) -> RawHeaders:
    connection = b",".join(value for name, value in headers if name == b"connection")
    named = {name.strip().lower() for name in connection.split(b",")}
    return [
        (name, value)
        for name, value in headers
        if name not in named and not DROPPED.fullmatch(name)
    ]
