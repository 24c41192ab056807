"""The origin: what it is asked, and what of its answer is kept."""

import asyncio
import os
import re

import aiohttp
from yarl import URL

from function.answer import Answer
from function.client import http_session
from function.http import Headers
from function.kv import ConfigError

DEADLINE = 10.0  # seconds, with the body
LARGEST_BODY = 10 * 2**20  # bytes

# Headers that are about one connection or one moment, not about the answer.
NOT_KEPT = {
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "date",
    "server",
    "age",
}


class OriginError(Exception):
    """The origin gave no answer that could be passed on; ``status`` says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def ask_origin(target: str, headers: Headers | None = None) -> Answer:
    """Ask the origin for a target.

    What a client sent goes along only where ``headers`` is given.
    """
    # Encoded: the target goes as it is, where a URL would rewrite it.
    url = URL(_origin_url() + target, encoded=True)
    try:
        async with asyncio.timeout(DEADLINE):
            return await _send(url, headers)
    except TimeoutError:
        raise OriginError(504, "origin timed out") from None
    except (aiohttp.ClientError, ValueError):
        raise OriginError(502, "origin unreachable") from None


async def _send(url: URL, headers: Headers | None) -> Answer:
    sent = {"Accept-Encoding": "identity", "User-Agent": "edge-cache"}
    for name in ("Authorization", "Accept"):
        value = headers.get(name) if headers else None
        if value is not None:
            sent[name] = value
    async with http_session().get(
        url, headers=sent, skip_auto_headers=["Accept"], allow_redirects=False
    ) as response:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise OriginError(502, "origin answer too large")
        if not 200 <= response.status <= 599:
            raise OriginError(502, "origin unreachable")
        return Answer(response.status, _kept(response), bytes(body))


def _kept(response: aiohttp.ClientResponse) -> list[tuple[str, str]]:
    """Return the headers that are kept, sorted: an entry is alike in every language."""
    headers = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in response.raw_headers
    ]
    connection = ",".join(value for name, value in headers if name == "connection")
    named = {name.strip().lower() for name in connection.split(",")} | NOT_KEPT
    kept = [
        (name, value)
        for name, value in headers
        if name not in named and not name.startswith("proxy-")
    ]
    return sorted(kept, key=lambda header: header[0])


def _origin_url() -> str:
    url = os.environ.get("ORIGIN_URL")
    if not url:
        raise ConfigError("ORIGIN_URL is not set")
    if not re.match(r"https?://[^/]", url):
        raise ConfigError("ORIGIN_URL is not an http or https URL")
    return url.removesuffix("/")
