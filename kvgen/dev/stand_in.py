"""An origin for a function whose own is still a placeholder: a miss and a hit can be seen."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kvgen.kv.server import listen, running, url_of


@contextlib.asynccontextmanager
async def stand_in_origin() -> AsyncIterator[str]:
    """Serve an origin that answers any path with a little JSON; yields its URL."""
    app = Starlette(routes=[Route("/{path:path}", _answer)])
    with contextlib.closing(listen("127.0.0.1", 0)) as listener:
        async with running(app, listener):
            yield url_of(listener)


async def _answer(request: Request) -> JSONResponse:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return JSONResponse({"path": path, "time": datetime.now(UTC).isoformat(timespec="seconds")})
