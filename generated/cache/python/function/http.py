"""Requests as a handler sees them, and the answers it gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from function.strict_json import encode_json


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
