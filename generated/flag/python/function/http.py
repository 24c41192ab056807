"""Requests as a handler sees them, and the answers it gives."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from function.strict_json import encode_json

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
FRAMING = {b"content-length", b"trailer", b"transfer-encoding"}  # the entry point's own

#: A status, headers and a body, as they are sent.
Message = tuple[int, list[tuple[bytes, bytes]], bytes]


class Headers:
    """Header fields by name in any case; a repeated one is joined by commas."""

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            self._values.setdefault(name.lower(), []).append(value)

    def get(self, name: str) -> str | None:
        """Return the value of a header, or None if it was not sent."""
        values = self._values.get(name.lower())
        return None if values is None else ", ".join(values)


@dataclass(frozen=True, slots=True)
class Request:
    """A request; ``target`` is its raw path and query."""

    method: str
    target: str
    headers: Headers


class Response(TypedDict):
    """An answer: 200 without a ``status``, pairs where a header's name repeats."""

    body: str | bytes
    headers: NotRequired[Mapping[str, str] | list[tuple[str, str]]]
    status: NotRequired[int]


def json_response(
    status: int, value: Any, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer as JSON that no cache may keep."""
    no_store = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {
        "body": encode_json(value),
        "headers": {**no_store, **(headers or {})},
        "status": status,
    }


def error_response(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer a request that failed or was refused."""
    return json_response(status, {"error": message}, headers)


def to_message(response: Response) -> Message:
    """Take a response apart; what a handler got wrong raises here, and is a 500."""
    status = response.get("status", 200)
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise ValueError("status is none from 200 to 599")
    body = response["body"]
    content = body.encode() if isinstance(body, str) else body
    if not isinstance(content, bytes):
        raise TypeError("body is neither str nor bytes")
    fields = response.get("headers", {})
    pairs = fields if isinstance(fields, list) else fields.items()
    headers = [_field(name, value) for name, value in pairs]
    headers = [field for field in headers if field[0] not in FRAMING]
    if status in (204, 304):
        return status, headers, b""
    headers.append((b"content-length", str(len(content)).encode()))
    return status, headers, content


def _field(name: str, value: str) -> tuple[bytes, bytes]:
    if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
        raise ValueError("a header is not what HTTP allows")
    return name.lower().encode("latin-1"), value.encode("latin-1")
