import http from "node:http";
import https from "node:https";

const DEADLINE_MS = 10_000; // with the body
const LARGEST_BODY = 10 * 2 ** 20; // bytes

// Headers that are about one connection or one moment, not about the answer.
const NOT_KEPT = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "date",
  "server",
  "age",
]);

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
  origin ??= readOrigin(process.env);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  let answer = await send(target, headers, signal);
  // A kept connection may have been closed at the very moment of its next use.
  if (answer.isStale) answer = await send(target, headers, signal);
  if (signal.aborted) throw new OriginError(504, "origin timed out");
  if (answer.failure) throw new OriginError(502, answer.failure);
  return answer;
}

function send(target, headers, signal) {
  const { transport, agent, hostname, port, base } = origin;
  const sent = { "Accept-Encoding": "identity", "User-Agent": "edge-cache" };
  for (const name of ["Authorization", "Accept"]) {
    if (headers?.has(name)) sent[name] = headers.get(name);
  }
  // The target goes as it is: a URL object would rewrite it.
  const path = base + target;
  const options = { agent, hostname, port, path, headers: sent, signal };
  return new Promise((resolve) => {
    const request = transport.get(options, (response) => {
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
    const fail = () => {
      const isStale = request.reusedSocket && !signal.aborted;
      resolve({ failure: "origin unreachable", isStale });
    };
    request.on("error", fail);
    request.on("close", fail); // the end of all else, such as a 101
  });
}

function toAnswer({ statusCode: status, rawHeaders }, body) {
  if (status < 200 || status > 599) return { failure: "origin unreachable" };
  const headers = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.push([rawHeaders[i].toLowerCase(), rawHeaders[i + 1]]);
  }
  const named = headers
    .filter(([name]) => name === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(","))
    .map((name) => name.trim());
  const isKept = ([name]) =>
    !NOT_KEPT.has(name) && !name.startsWith("proxy-") && !named.includes(name);
  // Sorted, so that a stored entry is the same in every language.
  const byName = ([a], [b]) => (a < b ? -1 : Number(a > b));
  return { status, headers: headers.filter(isKept).sort(byName), body };
}

function readOrigin(env) {
  if (!env.ORIGIN_URL) throw new Error("ORIGIN_URL is not set");
  const { protocol, hostname, port } = parseOrigin(env.ORIGIN_URL);
  const transport = protocol === "http:" ? http : https;
  const path = env.ORIGIN_URL.replace(/^\w+:\/\/[^/]*/, "");
  return {
    transport,
    agent: new transport.Agent({ keepAlive: true }),
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    base: path.replace(/\/$/, ""),
  };
}

function parseOrigin(text) {
  const isWeb = /^https?:\/\/[^/]/.test(text);
  if (!isWeb) throw new Error("ORIGIN_URL is not an http or https URL");
  return new URL(text);
}
