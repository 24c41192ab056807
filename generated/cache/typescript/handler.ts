import { bypassed, cached, cacheKey } from "./cache.ts";
import { fetchOrigin } from "./origin.ts";

const CACHE_TTL = 300; // 5 minutes
const CACHE_PREFIX = "api";

/** The target is as it was sent, where the URL of a Request is normalised. */
export interface Context {
  target: string;
}

/** Responds from the cache, or else from the origin. */
export async function handler(
  request: Request,
  { target }: Context,
): Promise<Response> {
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

function refusal(status: number, error: string, headers = {}) {
  const noStore = { "Cache-Control": "no-store", ...headers };
  return Response.json({ error }, { status, headers: noStore });
}
