"""The function itself."""

from function.flag import read_flag
from function.http import Request, Response

FLAG = "new-ui"
FLAG_DEFAULT = False  # while it is not set or cannot be read
FLAG_REFRESH = 0  # seconds for which an instance remembers it


async def handler(request: Request) -> Response:
    """Serve the new UI where the flag is on, and the old one where it is off."""
    enabled = await read_flag(FLAG, FLAG_DEFAULT, FLAG_REFRESH)

    response = serve_new_ui(request) if enabled else serve_old_ui(request)
    headers = dict(response.get("headers", {}))
    headers["X-Flag"] = f"{FLAG}={'on' if enabled else 'off'}"
    return {**response, "headers": headers}


def serve_new_ui(request: Request) -> Response:
    """What is served where the flag is on."""
    return _page("New UI")


def serve_old_ui(request: Request) -> Response:
    """What is served where the flag is off."""
    return _page("Old UI")


def _page(title: str) -> Response:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",  # or a flag that is flipped would not show
    }
    body = f"<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n"
    return {"body": body, "headers": headers}
