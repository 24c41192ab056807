"""The service's REST API as an ASGI application over a store; platform.md is what it follows."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kvgen.kv import limits
from kvgen.kv.listing import key_page, namespace_json, namespace_page
from kvgen.kv.problems import Problem, bad_key, bad_ttl, too_large
from kvgen.kv.quota import Quota
from kvgen.kv.store import Namespace, Store

_BASE = "/v2/storage/kvs"
_LONGEST_DISCARDED = 16 * limits.LARGEST_VALUE  # bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One answered request: what it asked for, and how that went."""

    method: str
    namespace_id: str
    key: str
    status: int
    milliseconds: float
    size: int  # bytes of the answer


_Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(
    store: Store,
    *,
    api_key: str | None = None,
    provision_seconds: float = 0.0,
    ttl_support: bool = True,
    rate_limit: int | None = None,
    on_call: Callable[[Call], None] | None = None,
) -> Starlette:
    """Build the application.

    ``api_key`` is the one bearer that is let in; without it any that is not empty is. A namespace
    takes keys ``provision_seconds`` after it was created, and lifetimes if ``ttl_support``. Beyond
    ``rate_limit`` requests in a minute the answer is 429.
    """
    service = _Service(store, api_key, provision_seconds, ttl_support)
    quota = Quota(rate_limit, store.now)

    def route(path: str, **methods: _Endpoint) -> Route:
        async def answer(request: Request) -> Response:
            began = time.perf_counter()
            response = await _answer(service, quota, methods, request)
            if on_call:
                on_call(_call(request, response, (time.perf_counter() - began) * 1000))
            return response

        return Route(path, answer, methods=[*methods, "HEAD"] if "GET" in methods else [*methods])

    return Starlette(
        routes=[
            # The documented path ends in a slash; clients leave it out.
            route(_BASE, GET=service.list_namespaces, POST=service.create_namespace),
            route(_BASE + "/", GET=service.list_namespaces, POST=service.create_namespace),
            route(_BASE + "/{id}", GET=service.show_namespace, DELETE=service.delete_namespace),
            route(_BASE + "/{id}/keys", GET=service.list_keys),
            route(
                _BASE + "/{id}/keys/{key:path}",
                GET=service.get,
                PUT=service.put,
                DELETE=service.delete,
            ),
        ],
        exception_handlers={HTTPException: _no_such_call},
    )


async def _answer(
    service: "_Service", quota: Quota, methods: dict[str, _Endpoint], request: Request
) -> Response:
    try:
        service.authorize(request)
        quota.spend()
        return await methods["GET" if request.method == "HEAD" else request.method](request)
    except Problem as problem:
        return problem.response(request)


def _call(request: Request, response: Response, milliseconds: float) -> Call:
    parameters = request.path_params
    return Call(
        request.method,
        parameters.get("id", ""),
        parameters.get("key", ""),
        response.status_code,
        milliseconds,
        len(response.body),
    )


async def _no_such_call(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = Problem(error.status_code, "There is no such call.").response(request)
    response.headers.update(error.headers or {})
    return response


class _Service:
    """The calls. Where several things are wrong with one, the first of these is said, which the
    documents leave open: no bearer, the id, the key, the namespace, its state, the rest.
    """

    def __init__(
        self, store: Store, api_key: str | None, provision_seconds: float, ttl_support: bool
    ) -> None:
        self._store = store
        self._api_key = api_key
        self._provision_seconds = provision_seconds
        self._ttl_support = ttl_support

    def authorize(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not key or (self._api_key and key != self._api_key):
            raise Problem(401, "The request has no valid bearer token.")

    async def list_namespaces(self, request: Request) -> Response:
        return JSONResponse(namespace_page(self._store, request.query_params))

    async def create_namespace(self, request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            raise Problem(400, "The body is not JSON.") from None
        name = body.get("name") if isinstance(body, dict) else None
        if not isinstance(name, str) or not limits.is_namespace_name(name):
            raise Problem(
                400,
                f"A name has 1 to {limits.LONGEST_NAME} of the characters a-z, 0-9 and -.",
                pointer="/name",
            )
        created = self._store.create_namespace(
            name, provision_seconds=self._provision_seconds, has_ttl=self._ttl_support
        )
        if created is None:
            raise Problem(409, "A namespace of this name exists.", pointer="/name")
        return JSONResponse({"data": namespace_json(created, self._store.now())}, status_code=201)

    async def show_namespace(self, request: Request) -> Response:
        return JSONResponse({"data": self._json(self._namespace(request))})

    async def delete_namespace(self, request: Request) -> Response:
        namespace = self._namespace(request)
        self._store.delete_namespace(namespace.id)
        return JSONResponse({"data": {**self._json(namespace), "status": "deleting"}})

    async def list_keys(self, request: Request) -> Response:
        return JSONResponse(key_page(self._store, self._ready(request), request.query_params))

    async def get(self, request: Request) -> Response:
        key = _key(request)
        entry = self._store.get(self._ready(request), key)
        if entry is None:
            raise Problem(404, "There is no such key.", parameter="key")
        return Response(entry.value, headers={"Content-Type": entry.content_type})

    async def put(self, request: Request) -> Response:
        key = _key(request)
        namespace = self._ready(request)
        ttl = _ttl(request)
        if ttl and not namespace.has_ttl:
            raise Problem(409, "The namespace does not support ttl_secs.", parameter="ttl_secs")
        value = await _value(request)
        content_type = request.headers.get("content-type") or "application/octet-stream"
        is_new = self._store.put(namespace, key, value, content_type, ttl)
        return Response(status_code=201 if is_new else 200)

    async def delete(self, request: Request) -> Response:
        key = _key(request)
        self._store.delete(self._ready(request), key)
        return Response()

    def _json(self, namespace: Namespace) -> dict[str, str]:
        return namespace_json(namespace, self._store.now())

    def _namespace(self, request: Request) -> Namespace:
        namespace_id = request.path_params["id"]
        if not limits.is_uuid(namespace_id):
            raise Problem(400, "A namespace's id is a UUID.", parameter="id")
        namespace = self._store.namespace(namespace_id)
        if namespace is None:
            raise Problem(404, "There is no such namespace.", parameter="id")
        return namespace

    def _ready(self, request: Request) -> Namespace:
        namespace = self._namespace(request)
        if self._store.now() < namespace.ready_at:
            raise Problem(409, "Namespace is not ready (status: pending)", parameter="id")
        return namespace


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    if problem := limits.key_problem(key):
        raise bad_key(problem)
    return key


def _ttl(request: Request) -> int | None:
    if "ttl" in request.query_params:
        raise bad_ttl("ttl")
    given = request.query_params.getlist("ttl_secs")
    if not given:
        return None
    ttl = limits.positive_integer(given[0], limits.LONGEST_TTL) if len(given) == 1 else None
    if ttl is None:
        raise bad_ttl("ttl_secs")
    return ttl


async def _value(request: Request) -> bytes:
    """Read the body, and keep no more of it than may be stored: it may have no end.

    What is beyond is read for a while, since a client that is still sending would otherwise see
    its connection reset rather than the answer.
    """
    value, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limits.LARGEST_VALUE:
            value += chunk
        elif size > _LONGEST_DISCARDED:
            break
    if size > limits.LARGEST_VALUE:
        raise too_large()
    return bytes(value)
