"""The front page of a shop: a session, a flag and a cache in one function."""

import asyncio
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from function import session as sessions
from function.cache import cache_key, cached
from function.flag import read_flag
from function.origin import fetch_origin

VISITOR_COOKIE = "visitor"
VISITOR_TTL = 86400  # 24 hours
PRODUCTS_TTL = 300  # 5 minutes


async def handler(request: Request) -> Response:
    """Greet with the number of visits, choose a layout, and list products."""
    if request.method != "GET" or request.url.path != "/":
        return JSONResponse({"error": "not found"}, 404)

    cookies = request.headers.get("Cookie")
    sent_id = sessions.read_session_cookie(cookies, VISITOR_COOKIE)
    visitor = await sessions.load_session(sent_id) if sent_id else None
    visitor_id = sent_id if sent_id and visitor else sessions.new_session_id()
    visitor = visitor or sessions.new_session()
    visitor["views"] += 1

    # None of these needs another
    new_layout, products, _ = await asyncio.gather(
        read_flag("new-layout", False, 0),
        cached(
            cache_key("api", "/products"),
            PRODUCTS_TTL,
            lambda: fetch_origin("/products"),
        ),
        sessions.save_session(visitor_id, visitor, VISITOR_TTL),
    )

    page = {
        "greeting": f"Visit number {visitor['views']}",
        "layout": "new" if new_layout else "old",
        "products": json.loads(products.body),
    }
    headers = {
        "Cache-Control": "no-store",
        "Set-Cookie": sessions.session_cookie(VISITOR_COOKIE, visitor_id, VISITOR_TTL),
        "X-Cache": products.headers["X-Cache"],
    }
    return JSONResponse(page, headers=headers)
