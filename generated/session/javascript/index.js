import http from "node:http";
import { inspect } from "node:util";

import { ConfigError } from "./config.js";
import { handler } from "./handler.js";
import { KvError } from "./kv.js";
import { errorResponse } from "./responses.js";

const LARGEST_BODY = 2 ** 20; // bytes; what is longer costs the client its connection
// No Response: Node loads what is behind it when the first is made, and probes would wait.
const HEALTHY = {
  status: 200,
  headers: [["Content-Type", "text/plain"]],
  content: "OK",
};
const GRACE_MS = 10_000; // for requests in flight when the platform stops the function
const FRAMING = ["content-length", "trailer", "transfer-encoding"]; // the server's own

const server = http.createServer(async (incoming, outgoing) => {
  discardBody(incoming, outgoing);
  send(outgoing, await answer(incoming));
});

async function answer(incoming) {
  try {
    return await toMessage(await respond(incoming));
  } catch (error) {
    return toMessage(toErrorResponse(error));
  }
}

function respond(incoming) {
  if (/^\/health(?:[/?]|$)/.test(incoming.url)) return HEALTHY;
  return handler(toRequest(incoming));
}

function toErrorResponse(error) {
  if (error instanceof KvError) {
    const retry = { "Retry-After": "1" };
    return errorResponse(503, "key-value store unavailable", retry);
  }
  const isBug = !(error instanceof ConfigError);
  const report = isBug ? (error?.stack ?? inspect(error)) : error.message;
  console.error(String(report).replace(/\s*\n\s*/g, " | "));
  return errorResponse(500, "internal error");
}

/** What a handler sees: a WHATWG Request would rewrite `//double` and `/a/../b`. */
function toRequest({ method, url, rawHeaders }) {
  // Node's own `headers` drops repetitions of some names; these are joined by commas.
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i], rawHeaders[i + 1]);
  }
  return { method, target: url, headers };
}

/** Takes a response apart. What a handler got wrong throws here, where it is a 500. */
async function toMessage(response) {
  const body = response.content ?? Buffer.from(await response.arrayBuffer());
  const headers = new Map();
  for (const [name, value] of response.headers) {
    http.validateHeaderValue(name, value);
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  for (const [name, values] of response.lines ?? []) {
    const isUnchanged = headers.get(name)?.join(", ") === values.join(", ");
    if (isUnchanged) headers.set(name, values);
  }
  for (const name of FRAMING) headers.delete(name);
  const { status } = response;
  if (!(status >= 200)) throw new TypeError("a response without a status");
  return { status, headers, body };
}

function send(outgoing, { status, headers, body }) {
  outgoing.statusCode = status;
  for (const [name, values] of headers) outgoing.setHeader(name, values);
  // Also for a HEAD, where Node would leave it out.
  const hasLength = status !== 204 && status !== 304;
  if (hasLength) outgoing.setHeader("Content-Length", Buffer.byteLength(body));
  if (!server.listening) outgoing.setHeader("Connection", "close");
  outgoing.end(body);
}

/** Reads a body that nobody needs, so that the connection can serve the next request. */
function discardBody(incoming, outgoing) {
  let size = 0;
  incoming.on("data", (chunk) => {
    size += chunk.length;
    if (size <= LARGEST_BODY) return;
    incoming.pause();
    if (!outgoing.headersSent) outgoing.setHeader("Connection", "close");
    if (outgoing.writableFinished) incoming.destroy();
    else outgoing.once("finish", () => incoming.destroy());
  });
}

function stop() {
  server.close(() => process.exit(0));
  server.closeIdleConnections?.(); // which the first releases of Node 18 have not
  setTimeout(() => process.exit(0), GRACE_MS);
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
server.listen(process.env.PORT || 8080, process.env.HOST);
