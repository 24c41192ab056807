import { bypassed, cached, cacheKey } from "./cache.js";
import { fetchOrigin } from "./origin.js";

const CACHE_TTL = 300; // 5 minutes
const CACHE_PREFIX = "api";

/**
 * @typedef {object} Context
 * @property {string} target as it was sent, where the URL of a Request is normalised
 */

/**
 * Responds from the cache, or else from the origin.
 * @param {Request} request
 * @param {Context} context
 */
export async function handler(request, { target }) {
  if (!["GET", "HEAD"].includes(request.method)) {
    return refusal(405, "method not allowed", { Allow: "GET, HEAD" });
  }
  const key = cacheKey(CACHE_PREFIX, target);
  if (key === null) return refusal(400, "malformed request target");

  // A response for one user is not for everyone
  if (request.headers.has("Authorization")) {
    return bypassed(await fetchOrigin(target, request.headers));
  }

  // Check cache, or else fetch from origin and cache with an expiry
  return cached(key, CACHE_TTL, () => fetchOrigin(target));
}

function refusal(status, error, headers = {}) {
  const noStore = { "Cache-Control": "no-store", ...headers };
  return Response.json({ error }, { status, headers: noStore });
}
