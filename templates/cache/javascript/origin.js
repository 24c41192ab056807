// Asks the origin, the API whose responses are cached.
import { cleanTarget } from "./cache.js";
import { exchange, readServer } from "./kv.js";

const TIMEOUT_MS = 10_000; // with the body
const MAX_BODY_BYTES = 10 * 2 ** 20;
const MAX_HEADER_BYTES = 2 ** 16;

/** The origin sent no response that can be passed on. The client is told why. */
export class OriginError extends Error {
  expose = true;

  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let origin; // read from the environment by the first request, then kept

/**
 * Asks the origin for a target and returns its response, redirects and errors included.
 * If the client's headers are given, only Authorization and Accept are passed on.
 * @param {string} target a path, and a query if there is one; sent as it is
 * @param {Headers} [clientHeaders]
 * @returns {Promise<Response>}
 */
export async function fetchOrigin(target, clientHeaders) {
  origin ??= readServer("ORIGIN_URL");
  const headers = { "Accept-Encoding": "identity", "User-Agent": "edge-cache" };
  for (const name of ["Authorization", "Accept"]) {
    const value = clientHeaders?.get(name) ?? null;
    if (value !== null) headers[name] = value;
  }
  const path = origin.path + cleanTarget(target);
  const request = { path, headers, maxHeaderSize: MAX_HEADER_BYTES };
  const limits = {
    deadline: performance.now() + TIMEOUT_MS,
    maxBytes: MAX_BODY_BYTES,
  };
  let result = await exchange(origin, request, limits);
  // The origin may have just closed a connection that was kept open.
  if (result.failure === "connection failed") {
    result = await exchange(origin, request, limits);
  }
  return toResponse(result);
}

function toResponse({ status, rawHeaders, body, failure }) {
  if (failure === "timed out") throw new OriginError(504, "origin timed out");
  if (failure === "response too large") {
    throw new OriginError(502, "origin response too large");
  }
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i], rawHeaders[i + 1]);
  }
  const coding = headers.get("Transfer-Encoding") ?? "chunked";
  const isUnderstood = /^chunked$/i.test(coding);
  if (status < 200 || status > 599 || !isUnderstood) {
    throw new OriginError(502, "origin unreachable");
  }
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? body : null, { status, headers });
}
