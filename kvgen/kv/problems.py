"""The errors of the service, and their response bodies."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from kvgen.kv import limits
from kvgen.kv.decisions import ERROR_CODES, ILLEGAL_KEY_CODE, OTHER_ERROR_CODE


class Problem(Exception):
    """An error response: its HTTP status, a sentence, and the wrong query parameter or field."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        parameter: str = "",
        pointer: str = "",
        code: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or ERROR_CODES.get(status, OTHER_ERROR_CODE)
        self.source = {"parameter": parameter, "pointer": pointer}
        self.headers = headers

    def response(self, request: Request) -> JSONResponse:
        """Return the response: ``{"errors": [{code, title, detail, meta, source}]}``."""
        content = self.content(request.scope["path"])
        return JSONResponse(content, status_code=self.status, headers=self.headers)

    def content(self, path: str) -> dict[str, Any]:
        """Return the body of the response."""
        error = {
            "code": self.code,
            "title": HTTPStatus(self.status).phrase,
            "detail": self.detail,
            "meta": {"url": path},
            "source": {name: value for name, value in self.source.items() if value},
        }
        return {"errors": [error]}


def bad_key(detail: str) -> Problem:
    """Refuse a key."""
    return Problem(400, detail, parameter="key", code=ILLEGAL_KEY_CODE)


def bad_ttl(parameter: str) -> Problem:
    """Refuse a lifetime, or the parameter that people mistake for it."""
    return Problem(
        422,
        f"ttl_secs is an integer from 1 to {limits.LONGEST_TTL}; no parameter is called ttl.",
        parameter=parameter,
    )


def too_large() -> Problem:
    """Refuse a value."""
    # The rest of the body is not read.
    headers = {"Connection": "close"}
    return Problem(413, f"A value has at most {limits.LARGEST_VALUE} bytes.", headers=headers)


def raw_answer(problem: Problem) -> bytes:
    """Return the response as bytes, for a request that does not reach the application."""
    body = json.dumps(problem.content("")).encode()
    head = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    )
    return f"{head}\r\n".encode() + body
