"""The console as an application: its page, its calls, and everything else handed to the KV."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kvgen.kv.admission import Admission
from kvgen.kv.hosts import Hosts
from kvgen.kv.interface import StoreError
from kvgen.kv.problems import Problem

_BASE = "/console/"
_API = "/console/api/"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_PAGE = Path(__file__).parent / "page"

#: What a call is answered by; ``path_params["key"]`` is what follows its name in the path.
Endpoint = Callable[[Request], Awaitable[Response]]
Calls = Mapping[str, Mapping[str, Endpoint]]  # by the call's name, then by the method

#: The page loads nothing but its own files, and no other page may show it in a frame.
_POLICY = "; ".join(
    f"{name} {source}"
    for name, source in {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }.items()
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class ConsoleApp:
    """Answers for `/` and all below `/console/`; the calls need the console's token."""

    def __init__(self, kv: ASGIApp, calls: Calls, hosts: Hosts, token: str) -> None:
        self._kv, self._calls = kv, calls
        self._admission = Admission(hosts, token, None)
        self._files = {file.name: file.read_bytes() for file in _PAGE.iterdir()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the console's, or let the KV answer it."""
        path = scope.get("path", "")
        if path != "/" and not path.startswith(_BASE):
            await self._kv(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self._response(request, dict(scope["headers"]), path)
        except Problem as problem:
            response = problem.response(request)
        except StoreError as error:
            response = Problem(500, f"The store failed: {error.reason}.").response(request)
        except ClientDisconnect:
            return
        response.headers.update(_HEADERS)
        await response(scope, receive, send)

    async def _response(
        self, request: Request, headers: Mapping[bytes, bytes], path: str
    ) -> Response:
        self._admission.check_source(headers)
        if not path.startswith(_API):
            return self._file(request, path.removeprefix(_BASE) if path != "/" else "index.html")
        self._admission.check_bearer(headers)
        name, _, key = path.removeprefix(_API).partition("/")
        methods = self._calls.get(f"{name}/" if key else name, {})
        endpoint = methods.get(request.method)
        if endpoint is None:
            raise Problem(405 if methods else 404, "There is no such call.")
        request.scope["path_params"] = {"key": key}
        return await endpoint(request)

    def _file(self, request: Request, name: str) -> Response:
        if name not in self._files:
            raise Problem(404, "There is no such file.")
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "A file can only be read.", headers={"Allow": "GET, HEAD"})
        return Response(self._files[name], media_type=_TYPES[Path(name).suffix])
