"""Responses that the tap sends itself, without the function."""

import json
import re
from http import HTTPStatus

import h11

from kvgen.kv import bounds
from kvgen.kv.hosts import MISDIRECTED, Hosts

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class RefusedError(Exception):
    """The connection ends with a response of the tap's own."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def refusal(status: int, reason: str) -> bytes:
    """Return a response after which the connection is closed."""
    body = json.dumps({"error": reason}).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
        f"Cache-Control: no-store\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def check_request(request: h11.Request, hosts: Hosts) -> None:
    """Raise RefusedError for a request that is not for the function."""
    headers = dict(request.headers)
    if request.http_version not in (b"1.0", b"1.1"):
        raise RefusedError(505, "A function needs HTTP/1.1.")
    if b"transfer-encoding" in headers and b"content-length" in headers:
        raise RefusedError(400, "The request has two lengths.")
    if not hosts.allow(headers.get(b"host", b"")):
        raise RefusedError(421, MISDIRECTED)
    if len(request.target) > bounds.LONGEST_TARGET:
        raise RefusedError(414, "The request's target is too long.")
    if len(request.headers) > bounds.MOST_FIELDS:
        raise RefusedError(431, "The request has too many headers.")
    if any(_CONTROL.search(value) for _, value in request.headers):
        raise RefusedError(400, "A header has a control character.")
    is_websocket = headers.get(b"upgrade", b"").lower() == b"websocket"
    if is_websocket or request.method == b"CONNECT":
        raise RefusedError(400, "A function takes only HTTP requests: no WebSockets, no tunnels.")
