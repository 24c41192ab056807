"""The function itself."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from function.cache import cache_key, cached, raw_target
from function.origin import fetch_origin

CACHE_TTL = 300  # 5 minutes
CACHE_PREFIX = "api"


async def handler(request: Request) -> Response:
    """Respond from the cache, or else from the origin."""
    if request.method not in ("GET", "HEAD"):
        raise HTTPException(405, "method not allowed", {"Allow": "GET, HEAD"})
    target = raw_target(request)
    key = cache_key(CACHE_PREFIX, target)
    if key is None:
        raise HTTPException(400, "malformed request target")

    # A response for one user is not for everyone
    if "Authorization" in request.headers:
        response = await fetch_origin(target, request.headers)
        response.headers["X-Cache"] = "BYPASS"
        return response

    # Check cache, else fetch from origin and cache with expiry
    return await cached(key, CACHE_TTL, lambda: fetch_origin(target))
