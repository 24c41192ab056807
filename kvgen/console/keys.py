"""The keys of a namespace, for the page. Writes go by the KV's own calls, with all their limits."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from kvgen.console.app import Calls, Endpoint
from kvgen.console.bus import Bus
from kvgen.console.decoding import decoded, dump
from kvgen.kv.envelope import unwrap
from kvgen.kv.interface import Storage
from kvgen.kv.problems import Problem
from kvgen.kv.records import Entry, KeyInfo, Namespace
from kvgen.kv.service import Service
from kvgen.kv.transfer import export_item

_PAGE = 50
_STEP = 500  # keys that are looked at in a row when there may be many
_LONGEST_PREVIEW = 40  # characters
_LARGEST_LOOK = 32_768  # bytes of a value that is read to list its lifetime


class Keys:
    """The calls on keys."""

    def __init__(self, store: Storage, space: Namespace, bus: Bus) -> None:
        self._store, self._space, self._bus = store, space, bus
        self._store_calls = store.calls()
        self._service = Service(store, provision_seconds=0, ttl_support=True)
        self.calls: Calls = {
            "keys": {"GET": self._list},
            "keys/": {
                "GET": self._show,
                "PUT": self._writing(self._service.put),
                "DELETE": self._writing(self._service.delete),
            },
            "export": {"GET": self._export},
            "expired": {"DELETE": self._sweep},
        }

    async def _list(self, request: Request) -> Response:
        prefix, after = (request.query_params.get(name, "") for name in ("prefix", "after"))
        return JSONResponse(await self._store_calls.run(lambda: self._page(prefix, after)))

    def _page(self, prefix: str, after: str) -> dict[str, Any]:
        found = self._store.keys(self._space, prefix, after, _PAGE + 1)
        return {"keys": [self._row(info) for info in found[:_PAGE]], "more": len(found) > _PAGE}

    def _row(self, info: KeyInfo) -> dict[str, Any]:
        row = {"key": info.key, "size": info.size, "updated_at": info.updated_at}
        entry = self._store.get(self._space, info.key) if info.size <= _LARGEST_LOOK else None
        if entry is None:
            return row | {"expires_at": info.expires_at, "preview": ""}
        return row | {"expires_at": _expiry(entry), "preview": _preview(entry.value)}

    async def _show(self, request: Request) -> Response:
        key = request.path_params["key"]
        entry = await self._get(key)
        if entry is None:
            raise Problem(404, "There is no such key.")
        try:
            text = entry.value.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        return JSONResponse(
            {
                "key": key,
                "size": len(entry.value),
                "content_type": entry.content_type,
                "expires_at": _expiry(entry),
                "has_ttl": entry.expires_at is not None,
                "text": text,
                "raw": dump(entry.value) if text is None else text,
                "decoded": decoded(entry.value),
            }
        )

    def _writing(self, call: Endpoint) -> Endpoint:
        async def write(request: Request) -> Response:
            request.path_params["id"] = self._space.id
            response = await call(request)
            self._bus.publish(type="keys")
            # The service's are shared by all of its answers.
            return Response(status_code=response.status_code)

        return write

    async def _export(self, request: Request) -> Response:
        prefix = request.query_params.get("prefix", "")
        return StreamingResponse(self._exported(prefix), media_type="application/json")

    async def _exported(self, prefix: str) -> AsyncIterator[str]:
        separator = "["
        async for info in self._all(prefix):
            if entry := await self._get(info.key):
                item = export_item(info.key, entry.value, entry.content_type)
                yield f"{separator}\n{json.dumps(item, ensure_ascii=False)}"
                separator = ","
        yield "\n]\n" if separator == "," else "[]\n"

    async def _sweep(self, _: Request) -> Response:
        """Delete what has expired: by its lifetime, and by its envelope, which the KV ignores."""
        count = 0
        while swept := await self._store_calls.run(lambda: self._store.sweep(_STEP)):
            count += swept
            await asyncio.sleep(0)
        async for info in self._all(""):
            entry = await self._get(info.key)
            envelope = unwrap(entry.value) if entry else None
            if envelope and envelope.is_expired(self._store.now() * 1000):
                await self._delete(info.key)
                count += 1
        self._bus.publish(type="keys")
        return JSONResponse({"deleted": count})

    async def _all(self, prefix: str) -> AsyncIterator[KeyInfo]:
        found = await self._next(prefix, "")
        while found:
            for info in found:
                yield info
            await asyncio.sleep(0)
            found = await self._next(prefix, found[-1].key)

    async def _next(self, prefix: str, after: str) -> list[KeyInfo]:
        return await self._store_calls.run(
            lambda: self._store.keys(self._space, prefix, after, _STEP)
        )

    async def _get(self, key: str) -> Entry | None:
        return await self._store_calls.run(lambda: self._store.get(self._space, key))

    async def _delete(self, key: str) -> None:
        await self._store_calls.write(lambda: self._store.delete(self._space, key))


def _preview(content: bytes) -> str:
    envelope = unwrap(content)
    text = envelope.value if envelope else content.decode("utf-8", "replace")
    return text[:_LONGEST_PREVIEW]


def _expiry(entry: Entry) -> float | None:
    """Return when an entry is gone for its readers, in seconds: by its lifetime or its envelope."""
    envelope = unwrap(entry.value)
    times = [entry.expires_at, envelope.expires_at / 1000 if envelope else None]
    return min((time for time in times if time is not None), default=None)
