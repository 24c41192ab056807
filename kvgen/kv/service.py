"""What each call of the REST API does, as it is documented or, where it is not, as decided."""

import asyncio
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from kvgen.kv import bounds, limits
from kvgen.kv.interface import Storage
from kvgen.kv.listing import key_page, namespace_json, namespace_page
from kvgen.kv.problems import Problem, bad_key, bad_ttl, too_large
from kvgen.kv.records import Entry, Namespace

_DONE, _CREATED = Response(), Response(status_code=201)


class StoredResponse(Response):
    """A value under its own content type: no other headers, and nothing to do afterwards."""

    def __init__(self, entry: Entry) -> None:
        self.status_code, self.background, self.body = 200, None, entry.value
        self.raw_headers = [
            (b"content-length", str(len(entry.value)).encode()),
            (b"content-type", entry.content_type.encode("latin-1")),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


class Service:
    """The calls. ``path_params`` of a request has the namespace's ``id`` and the ``key``."""

    def __init__(self, store: Storage, provision_seconds: float, ttl_support: bool) -> None:
        self._store = store
        self._provision_seconds = provision_seconds
        self._ttl_support = ttl_support
        self._calls = store.calls()
        self._large = asyncio.Semaphore(bounds.MOST_LARGE_BODIES)

    async def list_namespaces(self, request: Request) -> Response:
        """Respond with a page of namespaces."""
        query = request.query_params
        return JSONResponse(await self._calls.run(lambda: namespace_page(self._store, query)))

    async def create_namespace(self, request: Request) -> Response:
        """Create a namespace of the body's name."""
        try:
            body = json.loads(await self._body(request))
        except (ValueError, RecursionError):
            raise Problem(400, "The body is not JSON.") from None
        name = body.get("name") if isinstance(body, dict) else None
        if not isinstance(name, str) or not limits.is_namespace_name(name):
            raise Problem(
                400,
                f"A name has 1 to {limits.LONGEST_NAME} of the characters a-z, 0-9 and -.",
                pointer="/name",
            )
        seconds, has_ttl = self._provision_seconds, self._ttl_support
        created = await self._calls.run(
            lambda: self._store.create_namespace(name, provision_seconds=seconds, has_ttl=has_ttl)
        )
        if created is None:
            raise Problem(409, "A namespace of this name exists.", pointer="/name")
        return self._shown(created, 201)

    async def show_namespace(self, request: Request) -> Response:
        """Respond with a namespace."""
        return self._shown(_present(await self._namespace(_id(request))))

    async def delete_namespace(self, request: Request) -> Response:
        """Begin to delete a namespace."""
        namespace = _present(await self._namespace(_id(request)))
        if namespace.deleted_at is not None:
            raise Problem(409, "The namespace is already being deleted.", parameter="id")
        seconds = self._provision_seconds
        deleted = await self._calls.run(lambda: self._store.delete_namespace(namespace, seconds))
        return self._shown(deleted)

    async def list_keys(self, request: Request) -> Response:
        """Respond with a page of keys."""
        namespace = self._check_ready(await self._namespace(_id(request)))
        query = request.query_params
        return JSONResponse(await self._calls.run(lambda: key_page(self._store, namespace, query)))

    async def get(self, request: Request) -> Response:
        """Respond with the bytes under a key."""
        namespace_id, key = _id(request), _key(request)
        found = await self._calls.run(lambda: self._store.find(namespace_id, key))
        self._check_ready(found[0] if found else None)
        entry = found[1] if found else None
        if entry is None:
            raise Problem(404, "There is no such key.", parameter="key")
        return StoredResponse(entry)

    async def put(self, request: Request) -> Response:
        """Store the body under a key."""
        namespace_id, key = _id(request), _key(request)
        namespace = self._check_ready(await self._namespace(namespace_id))
        ttl = _ttl(request)
        if ttl and not namespace.has_ttl:
            raise Problem(409, "The namespace does not support ttl_secs.", parameter="ttl_secs")
        value = await self._body(request)
        content_type = request.headers.get("content-type") or "application/octet-stream"
        is_new = await self._calls.write(
            lambda: self._store.put(namespace, key, value, content_type, ttl)
        )
        return _CREATED if is_new else _DONE

    async def delete(self, request: Request) -> Response:
        """Delete a key, whether or not it is there."""
        namespace_id, key = _id(request), _key(request)
        namespace = self._check_ready(await self._namespace(namespace_id))
        await self._calls.write(lambda: self._store.delete(namespace, key))
        return _DONE

    async def _body(self, request: Request) -> bytes:
        """Read the body, and keep no more of it than may be stored: it may have no end.

        What is beyond is read for a while, since a client that is still sending would otherwise
        see its connection reset rather than the response.
        """
        value, size, is_large = bytearray(), 0, False
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > bounds.SMALL_BODY and not is_large:
                    is_large = await self._large.acquire()
                if size <= limits.LARGEST_VALUE:
                    value += chunk
                elif size > bounds.LONGEST_DISCARDED:
                    break
        finally:
            if is_large:
                self._large.release()
        if size > limits.LARGEST_VALUE:
            raise too_large()
        return bytes(value)

    def _shown(self, namespace: Namespace, status: int = 200) -> Response:
        shown = namespace_json(namespace, self._store.now())
        return JSONResponse({"data": shown}, status_code=status)

    async def _namespace(self, namespace_id: str) -> Namespace | None:
        return await self._calls.run(lambda: self._store.namespace(namespace_id))

    def _check_ready(self, found: Namespace | None) -> Namespace:
        namespace = _present(found)
        status = namespace.status(self._store.now())
        if status != "provision_ok":
            raise Problem(409, f"Namespace is not ready (status: {status})", parameter="id")
        return namespace


def _present(namespace: Namespace | None) -> Namespace:
    if namespace is None:
        raise Problem(404, "There is no such namespace.", parameter="id")
    return namespace


def _id(request: Request) -> str:
    namespace_id: str = request.path_params["id"]
    if not limits.is_uuid(namespace_id):
        raise Problem(400, "A namespace's id is a UUID.", parameter="id")
    return namespace_id


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    if problem := limits.key_problem(key):
        raise bad_key(problem)
    return key


def _ttl(request: Request) -> int | None:
    if not request.scope["query_string"]:
        return None
    if "ttl" in request.query_params:
        raise bad_ttl("ttl")
    given = request.query_params.getlist("ttl_secs")
    if not given:
        return None
    ttl = limits.positive_integer(given[0], limits.LONGEST_TTL) if len(given) == 1 else None
    if ttl is None:
        raise bad_ttl("ttl_secs")
    return ttl
