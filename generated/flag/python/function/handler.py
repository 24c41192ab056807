"""The function itself."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from function.flag import read_flag

FLAG = "new-ui"
FLAG_DEFAULT = False  # while it is not set or cannot be read
FLAG_REFRESH = 0  # seconds for which an instance remembers it


async def handler(request: Request) -> Response:
    """Serve the new UI if the flag is on, and the old one if it is off."""
    enabled = await read_flag(FLAG, FLAG_DEFAULT, FLAG_REFRESH)

    response = serve_new_ui(request) if enabled else serve_old_ui(request)
    response.headers["X-Flag"] = f"{FLAG}={'on' if enabled else 'off'}"
    # A cached page would not show that the flag was flipped
    response.headers["Cache-Control"] = "no-store"
    return response


def serve_new_ui(request: Request) -> Response:
    """Return the response if the flag is on."""
    return HTMLResponse("<!doctype html>\n<title>New UI</title>\n<h1>New UI</h1>\n")


def serve_old_ui(request: Request) -> Response:
    """Return the response if the flag is off."""
    return HTMLResponse("<!doctype html>\n<title>Old UI</title>\n<h1>Old UI</h1>\n")
