import { cacheKey, cached } from "./cache.ts";
import { readFlag } from "./flag.ts";
import { fetchOrigin } from "./origin.ts";
import {
  loadSession,
  newSession,
  newSessionId,
  readSessionCookie,
  saveSession,
  sessionCookie,
} from "./session.ts";

const VISITOR_COOKIE = "visitor";
const VISITOR_TTL = 86400; // 24 hours
const PRODUCTS_TTL = 300; // 5 minutes

/**
 * The front page of a shop: a greeting with the number of visits, the layout that a
 * flag chooses, and the products of an API.
 */
export async function handler(request: Request): Promise<Response> {
  if (request.method !== "GET" || new URL(request.url).pathname !== "/") {
    return Response.json({ error: "not found" }, { status: 404 });
  }

  const cookies = request.headers.get("Cookie");
  const sentId = readSessionCookie(cookies, VISITOR_COOKIE);
  const known = sentId && (await loadSession(sentId));
  const visitorId = (known && sentId) || newSessionId();
  const visitor = known || newSession();
  visitor.views += 1;

  const key = cacheKey("api", "/products")!; // null only for a malformed target
  // None of these needs another
  const [newLayout, products] = await Promise.all([
    readFlag("new-layout", false, 0),
    cached(key, PRODUCTS_TTL, () => fetchOrigin("/products")),
    saveSession(visitorId, visitor, VISITOR_TTL),
  ]);

  const page = {
    greeting: `Visit number ${visitor.views}`,
    layout: newLayout ? "new" : "old",
    products: await products.json(),
  };
  return Response.json(page, {
    headers: {
      "Cache-Control": "no-store",
      "Set-Cookie": sessionCookie(VISITOR_COOKIE, visitorId, VISITOR_TTL),
      "X-Cache": products.headers.get("X-Cache")!, // as all that is cached has
    },
  });
}
