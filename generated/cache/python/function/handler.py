"""The function itself."""

from function import cache
from function.answer import to_response
from function.http import Request, Response, error_response
from function.origin import OriginError, ask_origin

CACHE_TTL = 300  # 5 minutes
CACHE_PREFIX = "api"


async def handler(request: Request) -> Response:
    """Answer from the cache, or else from the origin."""
    if request.method not in ("GET", "HEAD"):
        return error_response(405, "method not allowed", {"Allow": "GET, HEAD"})
    target = cache.clean_target(request.target)
    if target is None:
        return error_response(400, "malformed request target")

    try:
        # What one user may see is not for everyone
        if request.headers.get("Authorization") is not None:
            answer = await ask_origin(target, request.headers)
            return to_response(answer, "BYPASS")
        key = cache.key_of(CACHE_PREFIX, target)
        found = await cache.once(key, lambda: load(key, target))
    except OriginError as error:
        return error_response(error.status, str(error))
    return to_response(found.answer, found.verdict)


async def load(key: str, target: str) -> cache.Found:
    # Check cache
    verdict, cached = await cache.read(key)
    if cached is not None:
        return cache.Found(verdict, cached, is_for_all=True)

    # Fetch from origin
    answer = await ask_origin(target)

    # Cache with expiry, unless it is not for everyone or the store is failing
    is_for_all = verdict == "MISS" and await cache.write(key, answer, CACHE_TTL)
    return cache.Found(verdict, answer, is_for_all)
