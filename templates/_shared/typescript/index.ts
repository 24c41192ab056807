// The server that the platform starts. It passes each request to the handler,
// and sends the Response that the handler returns, or a response for an error.
import http from "node:http";
import { finished } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "node:util";

import { handler } from "./handler.ts";
import { ConfigError, KvError } from "./kv.ts";

/** A handler may do without the context. */
type Handler = (
  request: Request,
  context: { target: string },
) => Promise<Response> | Response;

/** A request as a server gets it: with these in any case, and duplicate headers joined. */
declare class Incoming extends http.IncomingMessage {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders & Record<string, string>;
}

// What was thrown: an error that says which response it is, or anything else.
type Exposed = NodeJS.ErrnoException & { expose: true; status: number };
type Bug = Partial<NodeJS.ErrnoException> & { expose?: false; status?: never };
type Fault = Exposed | Bug | undefined;

type Outgoing = http.ServerResponse;
type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Chunk = Awaited<ReturnType<Reader["read"]>>;

const MAX_BODY_BYTES = 10 * 2 ** 20; // what the platform allows
const MAX_UNREAD_BYTES = 2 ** 20; // the connection is closed if more is left unread
const GRACE_MS = 10_000; // for requests in flight when the platform stops the function
// The server sets these itself, whatever a handler says.
const FRAMING =
  /^(?:connection|content-length|keep-alive|trailer|transfer-encoding)$/;

const server = http.createServer<typeof Incoming>(
  { joinDuplicateHeaders: true },
  serve,
);

async function serve(incoming: Incoming, outgoing: Outgoing) {
  try {
    await send(outgoing, await respond(incoming));
  } catch (error) {
    await sendError(incoming, outgoing, error as Fault);
  }
  if (!incoming.complete) discardRest(incoming, outgoing);
}

function respond(incoming: Incoming) {
  const { method, url: target, headers } = incoming;
  const host = `http://${headers.host || "localhost"}`;
  const length = Number(headers["content-length"] ?? 0);
  if (/^\/health(?:[/?]|$)/.test(target)) return new Response("OK");
  if (method === "TRACE") return errorResponse(405, "method not allowed");
  if (!URL.canParse(host)) return errorResponse(400, "malformed host");
  if (length > MAX_BODY_BYTES) throw bodyTooLarge();

  // Joined as text: `new URL("//a/b", host)` would use `a` as the host.
  const path = target.replace(/^(?:\*|https?:\/\/[^/?]*)/i, "");
  const url = new URL(host).origin + path;
  const isWrite = method !== "GET" && method !== "HEAD";
  const hasBody = length > 0 || "transfer-encoding" in headers;
  const body = isWrite && hasBody ? readBody(incoming) : null;
  const request = new Request(url, { method, headers, body, duplex: "half" });
  return (handler satisfies Handler as Handler)(request, { target });
}

async function* readBody(incoming: Incoming) {
  let size = 0;
  // The end of the loop must not destroy the connection: the 413 is sent on it.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw bodyTooLarge();
    yield chunk;
  }
}

function bodyTooLarge() {
  const error = new Error("request body too large");
  return Object.assign(error, { status: 413, expose: true });
}

async function send(outgoing: Outgoing, response: Response) {
  if (!(response instanceof Response) || response.bodyUsed) {
    throw new TypeError("the handler returned no Response, or a used one");
  }
  const { status, statusText, body } = response;
  outgoing.statusMessage = statusText; // for "", Node sends its own text
  const headers = [...response.headers].filter(([name]) => !FRAMING.test(name));
  if (!server.listening) headers.push(["Connection", "close"]);

  let content = "";
  if (body) {
    const reader = body.getReader();
    const first = await reader.read(); // if it fails the client can still get a 500
    const second = reader.read();
    // A body that ends with its first chunk has a length, any other is streamed.
    const { done } = await Promise.race([second, nextTurn({ done: false })]);
    if (!done) {
      outgoing.writeHead(status, headers.flat());
      await pipeline(chunksOf(outgoing, reader, first, second), outgoing);
      return;
    }
    content = first.value ?? "";
  }
  if (status !== 204 && status !== 304) {
    headers.push(["Content-Length", String(Buffer.byteLength(content))]);
  }
  outgoing.writeHead(status, headers.flat()).end(content);
}

async function* chunksOf(
  outgoing: Outgoing,
  reader: Reader,
  first: Chunk,
  second: Promise<Chunk>,
) {
  outgoing.once("close", () => reader.cancel().catch(() => {})); // if the client leaves
  yield first.value;
  for (let next = await second; !next.done; next = await reader.read()) {
    yield next.value;
  }
}

async function sendError(incoming: Incoming, outgoing: Outgoing, error: Fault) {
  // If the response has begun, the connection is cut: half a body must not look complete.
  const hasLeft = outgoing.headersSent
    ? error?.code === "ERR_STREAM_PREMATURE_CLOSE"
    : incoming.destroyed && !incoming.complete;
  if (hasLeft) return; // the client has gone
  const response = toErrorResponse(error);
  if (!outgoing.headersSent) await send(outgoing, response);
}

function toErrorResponse(error: Fault) {
  if (error instanceof KvError) {
    const headers = { "Retry-After": "1" };
    return errorResponse(503, "key-value store unavailable", headers);
  }
  // By the convention of http-errors, an error may carry a status for the client.
  const { expose, status, message } = error ?? {};
  const isForClient = expose === true && status >= 400 && status <= 599;
  if (isForClient) return errorResponse(status, message);
  log(error);
  return errorResponse(500, "internal error");
}

function errorResponse(status: number, error: string, headers = {}) {
  const noStore = { "Cache-Control": "no-store", ...headers };
  return Response.json({ error }, { status, headers: noStore });
}

function log(error: Fault) {
  const isConfig = error instanceof ConfigError;
  const text = isConfig ? error.message : error?.stack || inspect(error);
  const line = String(text).replace(/\s*\n\s*/g, " | ");
  console.error(line.replace(/\p{Cc}/gu, " "));
}

/** Reads what is left of a body, so that the connection can serve the next request. */
function discardRest(incoming: Incoming, outgoing: Outgoing) {
  let size = 0;
  incoming.removeAllListeners("readable"); // from readBody; it would stop the flow
  incoming.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_UNREAD_BYTES) return;
    incoming.pause();
    finished(outgoing, () => incoming.destroy());
  });
}

process.once("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), GRACE_MS);
});
server.listen(Number(process.env.PORT || 8080), process.env.HOST, () => {
  // An unhandled error is logged, and requests in flight go on.
  process.on("uncaughtException", log);
});
