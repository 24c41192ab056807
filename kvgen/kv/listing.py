"""The two listings of the service, and their pages."""

import base64
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from kvgen.kv import limits
from kvgen.kv.problems import Problem
from kvgen.kv.store import Namespace, Store


def namespace_json(namespace: Namespace, now: float) -> dict[str, str]:
    """Return a namespace as the service shows it at the time ``now``."""
    return {
        "record_type": "storage_kv",
        "id": namespace.id,
        "name": namespace.name,
        "status": "provision_ok" if namespace.ready_at <= now else "pending",
        "created_at": _time(namespace.created_at),
        "updated_at": _time(min(max(namespace.created_at, namespace.ready_at), now)),
    }


def namespace_page(store: Store, query: QueryParams) -> dict[str, object]:
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


def key_page(store: Store, namespace: Namespace, query: QueryParams) -> dict[str, object]:
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
    return base64.urlsafe_b64encode(key.encode()).decode()


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        raise Problem(400, "This cursor is not one of ours.", parameter="cursor") from None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
