"""What the service refuses, and the body in which it says so."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse

from kvgen.kv import limits

# Codes are documented as strings and mostly unknown for KV; 10015 is the one that is known.
_BAD_KEY_CODE = "10015"
_CODES = {400: "10001", 401: "10009", 404: "10005", 405: "10001", 409: "10002", 413: "10001"}
_UNKNOWN_CODE = "10001"


class Problem(Exception):
    """A refusal: its HTTP status, a sentence, and the query parameter or field that is to blame."""

    def __init__(
        self, status: int, detail: str, *, parameter: str = "", pointer: str = "", code: str = ""
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or _CODES.get(status, _UNKNOWN_CODE)
        self.source = {"parameter": parameter, "pointer": pointer}

    def response(self, request: Request) -> JSONResponse:
        """Return the answer: ``{"errors": [{code, title, detail, meta, source}]}``."""
        error = {
            "code": self.code,
            "title": HTTPStatus(self.status).phrase,
            "detail": self.detail,
            "meta": {"url": request.scope["path"]},
            "source": {name: value for name, value in self.source.items() if value},
        }
        # What is left of a body that is too large is not worth reading.
        headers = {"Connection": "close"} if self.status == 413 else None
        return JSONResponse({"errors": [error]}, status_code=self.status, headers=headers)


def bad_key(detail: str) -> Problem:
    """Refuse a key."""
    return Problem(400, detail, parameter="key", code=_BAD_KEY_CODE)


def bad_ttl(parameter: str) -> Problem:
    """Refuse a lifetime, or the parameter that people mistake for it."""
    return Problem(
        422,
        f"ttl_secs is an integer from 1 to {limits.LONGEST_TTL}; no parameter is called ttl.",
        parameter=parameter,
    )


def too_large() -> Problem:
    """Refuse a value."""
    return Problem(413, f"A value has at most {limits.LARGEST_VALUE} bytes.")
