import http from "node:http";

import { handler } from "./handler.js";
import { KvError } from "./kv.js";
import { errorResponse } from "./responses.js";

const LARGEST_BODY = 2 ** 20; // bytes; what is longer costs the client its connection
// No Response: Node loads what is behind it when the first is made, and probes would wait.
const HEALTHY = { status: 200, headers: [], content: "OK" };
const GRACE_MS = 10_000; // for requests in flight when the platform stops the function

const server = http.createServer(async (incoming, outgoing) => {
  discardBody(incoming, outgoing);
  const response = await answer(incoming);
  await write(outgoing, response);
});

async function answer(incoming) {
  try {
    if (/^\/health(?:[/?]|$)/.test(incoming.url)) return HEALTHY;
    return await handler(toRequest(incoming));
  } catch (error) {
    if (error instanceof KvError) {
      const retry = { "Retry-After": "1" };
      return errorResponse(503, "key-value store unavailable", retry);
    }
    const report = String(error?.stack ?? error);
    console.error(report.replace(/\s*\n\s*/g, " | "));
    return errorResponse(500, "internal error");
  }
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

async function write(outgoing, response) {
  const body = response.content ?? Buffer.from(await response.arrayBuffer());
  if (outgoing.headersSent) return;
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    outgoing.appendHeader(name, value);
  }
  // Also for a HEAD, where Node would leave it out.
  if (response.content || response.body) {
    outgoing.setHeader("Content-Length", Buffer.byteLength(body));
  }
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
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), GRACE_MS);
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
server.listen(process.env.PORT || 8080, process.env.HOST);
