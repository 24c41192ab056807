"""The service's REST API as an ASGI application: which call it is, and who may make it.

Starlette's requests and responses without its router: the paths are few, and this is what a
function waits for at each KV call. With the router a PUT took 90 us of CPU, the server's included,
and 45 without it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kvgen.kv.admission import Admission
from kvgen.kv.faults import Fault, Faults, send_half
from kvgen.kv.hosts import Hosts
from kvgen.kv.interface import Storage, StoreError
from kvgen.kv.problems import Problem
from kvgen.kv.quota import Quota
from kvgen.kv.service import Service

_BASE = "/v2/storage/kvs"
_BELOW = _BASE + "/"
_DESCRIPTION = "/openapi.json"

_Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that got a response: its call, its result, and an injected fault."""

    method: str
    namespace_id: str
    key: str
    status: int
    milliseconds: float
    size: int  # bytes of the response
    fault: str = ""


class App:
    """The application; ``create_app`` says what its parts are."""

    def __init__(
        self,
        service: Service,
        admission: Admission,
        faults: Faults | None,
        on_call: Callable[[Call], None] | None,
    ) -> None:
        self._admission, self._faults, self._on_call = admission, faults, on_call
        self._calls: Mapping[str, Mapping[str, _Endpoint]] = {
            "namespaces": {"GET": service.list_namespaces, "POST": service.create_namespace},
            "namespace": {"GET": service.show_namespace, "DELETE": service.delete_namespace},
            "keys": {"GET": service.list_keys},
            "key": {"GET": service.get, "PUT": service.put, "DELETE": service.delete},
            "description": {"GET": _describe},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        kind, scope["path_params"] = _parts(scope["path"])
        request = Request(scope, receive)
        fault: Fault | None = None
        try:
            headers = dict(scope["headers"])
            self._admission.check_source(headers)
            endpoint = self._endpoint(kind, request.method)
            if kind != "description":
                self._admission.check_bearer(headers)
                fault = self._fault(kind, request)
            response = await (self._failing(endpoint, fault) if fault else endpoint)(request)
        except Problem as problem:
            response = problem.response(request)
        except StoreError as error:
            response = Problem(500, f"The store failed: {error.reason}.").response(request)
        except ClientDisconnect:
            return  # in the middle of a body: there is nobody to answer
        except Exception:
            await Problem(500, "This is a bug in kvgen.").response(request)(scope, receive, send)
            raise
        if self._on_call and kind != "description":
            self._on_call(_call(request, response, began, fault))
        if fault and fault.kind == "cut":
            await send_half(response, send)
        await response(scope, receive, send)

    def _endpoint(self, kind: str, method: str) -> _Endpoint:
        methods = self._calls.get(kind)
        if methods is None:
            raise Problem(404, "There is no such call.")
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            allowed = ", ".join([*methods, "HEAD"] if "GET" in methods else methods)
            raise Problem(405, f"The methods here are {allowed}.", headers={"Allow": allowed})
        return endpoint

    def _fault(self, kind: str, request: Request) -> Fault | None:
        if not self._faults:
            return None
        if kind == "keys":
            return self._faults.draw("LIST", request.query_params.get("prefix", ""))
        if kind == "key":
            method = "GET" if request.method == "HEAD" else request.method
            return self._faults.draw(method, request.path_params["key"])
        return None

    def _failing(self, endpoint: _Endpoint, fault: Fault) -> _Endpoint:
        async def failing(request: Request) -> Response:
            if fault.kind == "status":
                raise Problem(fault.status, "This failure was injected by --fault.")
            await asyncio.sleep(fault.seconds)
            response = await endpoint(request)
            if self._faults and fault.kind == "garbage":
                return self._faults.garbled(response)
            return response

        return failing


def create_app(
    store: Storage,
    *,
    api_key: str | None = None,
    hosts: Hosts | None = None,
    provision_seconds: float = 0.0,
    ttl_support: bool = True,
    rate_limit: int | None = None,
    faults: Faults | None = None,
    on_call: Callable[[Call], None] | None = None,
) -> App:
    """Build the application.

    ``api_key`` is the one bearer that is let in; without it any that is not empty is. ``hosts``
    are the names that it may be asked for; without them any, for clients in this process. A
    namespace takes keys ``provision_seconds`` after it was created, and is gone as long after its
    deletion; it takes lifetimes if ``ttl_support``. Beyond ``rate_limit`` requests in a minute the
    answer is 429. ``on_call`` is told of every answer before it is sent.
    """
    service = Service(store, provision_seconds, ttl_support)
    quota = Quota(rate_limit, store.now) if rate_limit else None
    return App(service, Admission(hosts, api_key, quota), faults, on_call)


def _parts(path: str) -> tuple[str, dict[str, str]]:
    """Return which kind of path it is, and its parameters; the slash after the base is optional."""
    if not path.startswith(_BELOW):
        return {_BASE: "namespaces", _DESCRIPTION: "description"}.get(path, ""), {}
    namespace_id, slash, rest = path[len(_BELOW) :].partition("/")
    if rest.startswith("keys/"):
        return "key", {"id": namespace_id, "key": rest[len("keys/") :]}
    if not namespace_id and not slash:
        return "namespaces", {}
    return {"": "namespace", "/keys": "keys"}.get(slash + rest, ""), {"id": namespace_id}


def _call(request: Request, response: Response, began: float, fault: Fault | None) -> Call:
    parameters = request.path_params
    return Call(
        request.method,
        parameters.get("id", ""),
        parameters.get("key", ""),
        response.status_code,
        (time.perf_counter() - began) * 1000,
        len(response.body),
        fault.kind if fault else "",
    )


async def _describe(_: Request) -> Response:
    return Response(_description(), media_type="application/json")


@cache
def _description() -> bytes:
    return (Path(__file__).parent / "openapi.json").read_bytes()
