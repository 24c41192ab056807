import { isKept } from "./answer.js";
import { parseUrl, readVariable } from "./config.js";

const DEADLINE_MS = 10_000; // with the body
const LARGEST_BODY = 10 * 2 ** 20; // bytes
const LARGEST_HEADERS = 2 ** 16; // bytes, in names and values

/** The origin gave no answer that could be passed on; `status` says why. */
export class OriginError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let origin; // read from the environment by the first request, then kept

/**
 * Asks the origin for a target: a status, headers as pairs with lower-case names,
 * and a body. What a client sent goes along only where `headers` is given.
 */
export async function askOrigin(target, headers) {
  origin ??= readOrigin();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let answer = await send(target, headers, signal);
  // A kept connection may have been closed at the very moment of its next use.
  if (answer.isStale) answer = await send(target, headers, signal);
  if (signal.aborted) throw new OriginError(504, "origin timed out");
  if (answer.failure) throw new OriginError(502, answer.failure);
  return answer;
}

function send(target, clientHeaders, signal) {
  const { transport, target: base } = origin;
  const headers = { "Accept-Encoding": "identity", "User-Agent": "edge-cache" };
  for (const name of ["Authorization", "Accept"]) {
    if (clientHeaders?.has(name)) headers[name] = clientHeaders.get(name);
  }
  // The target goes as it is: a URL object would rewrite it.
  const path = base.path + target;
  const maxHeaderSize = 2 * LARGEST_HEADERS; // with those that are not passed on
  const options = { ...base, path, headers, maxHeaderSize, signal };
  return new Promise((resolve) => {
    const request = transport.get(options, (response) => {
      if (response.statusCode < 200) request.destroy(); // a 101 never ends
      const chunks = [];
      let size = 0;
      response.on("data", (chunk) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_BODY) {
          resolve({ failure: "origin answer too large" });
          request.destroy();
        }
      });
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        resolve(toAnswer(response, body));
      });
      response.on("error", () => resolve({ failure: "origin unreachable" }));
    });
    request.maxHeadersCount = 0; // no limit, where Node would leave out the 2001st
    const fail = () => {
      const isStale = request.reusedSocket && !signal.aborted;
      resolve({ failure: "origin unreachable", isStale });
    };
    request.on("error", fail);
    request.on("close", fail); // the end of all else, such as a 101
  });
}

function toAnswer({ statusCode: status, rawHeaders }, body) {
  const headers = keptHeaders(rawHeaders);
  const isLegal = status >= 200 && status <= 599;
  const isSmall = headers.flat().join("").length <= LARGEST_HEADERS;
  if (isLegal && isSmall) return { status, headers, body };
  return { failure: "origin unreachable" };
}

/** Returns the headers that are kept, as pairs and sorted: an entry is alike in every language. */
function keptHeaders(rawHeaders) {
  const headers = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.push([rawHeaders[i].toLowerCase(), rawHeaders[i + 1]]);
  }
  const find = (name) => headers.find((header) => header[0] === name)?.[1];
  // Of old it is no-cache for all of HTTP, if nothing else is said; Go's client adds this too.
  if (find("pragma") === "no-cache" && find("cache-control") === undefined) {
    headers.push(["cache-control", "no-cache"]);
  }
  const named = headers
    .filter(([name]) => name === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(","));
  const dropped = new Set(named.map((name) => name.trim()));
  const byName = ([a], [b]) => (a < b ? -1 : Number(a > b));
  return headers
    .filter(([name]) => isKept(name) && !dropped.has(name))
    .sort(byName);
}

function readOrigin() {
  const url = readVariable("ORIGIN_URL");
  const { transport, target } = parseUrl("ORIGIN_URL", url);
  target.path = target.path.replace(/\/$/, "");
  return { transport, target };
}
