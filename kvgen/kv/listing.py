"""The two listings of the service, and their pages."""

import re
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from kvgen.kv import limits
from kvgen.kv.interface import Storage
from kvgen.kv.problems import Problem
from kvgen.kv.records import Namespace

_CURSOR = re.compile("([2-7][0-9a-f])+")


def namespace_json(namespace: Namespace, now: float) -> dict[str, str]:
    """Return a namespace as the service shows it at the time ``now``."""
    return {
        "record_type": "storage_kv",
        "id": namespace.id,
        "name": namespace.name,
        "status": namespace.status(now),
        "created_at": _time(namespace.created_at),
        "updated_at": _time(namespace.deleted_at or min(namespace.ready_at, now)),
    }


def namespace_page(store: Storage, query: QueryParams) -> dict[str, object]:
    """Return a page of namespaces: ``{"data": [...], "meta": {...}}``."""
    number = _page_option(query, "page[number]", 1, 10**9)
    size = min(
        _page_option(query, "page[size]", limits.USUAL_NAMESPACES, 10**9), limits.MOST_NAMESPACES
    )
    total = store.count_namespaces()
    found = store.namespaces((number - 1) * size, size)
    return {
        "data": [namespace_json(namespace, store.now()) for namespace in found],
        "meta": {
            "page_number": number,
            "page_size": size,
            "total_pages": -(-total // size),
            "total_results": total,
        },
    }


def key_page(store: Storage, namespace: Namespace, query: QueryParams) -> dict[str, object]:
    """Return a page of keys; the cursor is left out on the last one.

    The cursor names the last key that was shown, so that writes between two pages make none of
    the other keys appear twice or not at all.
    """
    limit = _page_option(query, "limit", limits.MOST_KEYS, 10**9)
    limit = min(limit, limits.MOST_KEYS)
    after = _decoded(query["cursor"]) if query.get("cursor") else ""
    found = store.keys(namespace, query.get("prefix", ""), after, limit + 1)
    shown, has_more = found[:limit], len(found) > limit
    return {
        "record_type": "storage_kv_key",
        "data": [
            {"key": info.key, "size_bytes": info.size, "updated_at": _time(info.updated_at)}
            for info in shown
        ],
        "meta": {
            "has_more": has_more,
            **({"cursor": _encoded(shown[-1].key)} if has_more else {}),
        },
    }


def _page_option(query: QueryParams, name: str, default: int, most: int) -> int:
    if name not in query:
        return default
    value = limits.positive_integer(query[name], most)
    if value is None:
        raise Problem(400, f"{name} is a positive integer.", parameter=name)
    return value


def _encoded(key: str) -> str:
    # In a form of its own, so that nobody takes it for a key.
    return key.encode("ascii").hex()


def _decoded(cursor: str) -> str:
    if not _CURSOR.fullmatch(cursor):
        raise Problem(400, "The cursor is not valid.", parameter="cursor")
    return bytes.fromhex(cursor).decode("ascii")


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
