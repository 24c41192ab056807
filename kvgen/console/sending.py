"""Sends a request to the function, since its port is another origin than the page's."""

import time
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kvgen.console.app import Calls
from kvgen.console.bodies import members
from kvgen.console.decoding import shown
from kvgen.kv.problems import Problem

if TYPE_CHECKING:
    import httpx

_LONGEST_BODY = 2 * 1_048_576  # bytes of a request, as JSON
_MOST_SHOWN = 1_048_576  # bytes of a response
_SECONDS = 60.0  # the platform's longest for a request


class Sender:
    """Sends what the page asks for to one function."""

    def __init__(self, function: str) -> None:
        self._function = function
        self.calls: Calls = {"send": {"POST": self._send}}

    async def _send(self, request: Request) -> Response:
        method, path, headers, body = await members(
            request, _LONGEST_BODY, method=str, path=str, headers=list, body=str
        )
        import httpx  # here: most runs of `kvgen dev` send nothing themselves

        began = time.perf_counter()
        try:
            async with (
                httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as http,
                http.stream(
                    method,
                    f"{self._function}/{path.removeprefix('/')}",
                    headers=[(str(name), str(value)) for name, value in headers],
                    content=body.encode() or None,
                ) as response,
            ):
                content, is_whole = await _content(response)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError) as error:
            raise Problem(400, f"The request cannot be sent: {error}") from None
        return JSONResponse(
            {
                "status": response.status_code,
                "reason": response.reason_phrase,
                "headers": response.headers.multi_items(),
                "ms": round((time.perf_counter() - began) * 1000),
                "body": shown(content),
                "is_whole": is_whole,
            }
        )


async def _content(response: "httpx.Response") -> tuple[bytes, bool]:
    """Read a body; returns as much of it as is shown, and whether that is all."""
    content = b""
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _MOST_SHOWN:
            return content[:_MOST_SHOWN], False
    return content, True
