import { toResponse } from "./answer.js";
import * as cache from "./cache.js";
import { OriginError, askOrigin } from "./origin.js";
import { errorResponse } from "./responses.js";

const CACHE_TTL = 300; // 5 minutes
const CACHE_PREFIX = "api";

/** Answers from the cache, or else from the origin. */
export async function handler(request) {
  if (!["GET", "HEAD"].includes(request.method)) {
    return errorResponse(405, "method not allowed", { Allow: "GET, HEAD" });
  }
  const target = cache.cleanTarget(request.target);
  if (target === null) return errorResponse(400, "malformed request target");

  try {
    // What one user may see is not for everyone
    if (request.headers.has("Authorization")) {
      const answer = await askOrigin(target, request.headers);
      return toResponse({ answer, verdict: "BYPASS" });
    }
    const cacheKey = cache.keyOf(CACHE_PREFIX, target);
    const found = await cache.once(cacheKey, () => load(cacheKey, target));
    return toResponse(found);
  } catch (error) {
    if (!(error instanceof OriginError)) throw error;
    return errorResponse(error.status, error.message);
  }
}

async function load(cacheKey, target) {
  // Check cache
  const found = await cache.read(cacheKey);
  if (found.verdict === "HIT") return found;

  // Fetch from origin
  found.answer = await askOrigin(target);

  // Cache with expiry, unless the answer is not for everyone or the store is failing
  if (found.verdict === "MISS") await cache.write(cacheKey, found, CACHE_TTL);
  return found;
}
