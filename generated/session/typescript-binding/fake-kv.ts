// A key-value store in a few lines, for the tests.
import http from "node:http";
import type { AddressInfo } from "node:net";

/** The state of the fake, for tests. */
export const kv = {
  stored: new Map<string, string>(), // texts by key
  calls: [] as string[], // such as "GET session/x"
  failing: 0, // the status of every response, unless it is 0
};

/** Starts the fake, and points the functions of kv.ts to it. */
export async function startFakeKv(): Promise<void> {
  const url = await listen(async (request, response) => {
    const { pathname } = new URL(request.url!, "http://kv");
    const key = decodeURIComponent(pathname.split("/").at(-1)!);
    const { method } = request;
    kv.calls.push(`${method} ${key}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (kv.failing) response.statusCode = kv.failing;
    else if (method === "PUT") kv.stored.set(key, Buffer.concat(chunks) + "");
    else if (method === "DELETE") kv.stored.delete(key);
    else if (!kv.stored.has(key)) response.statusCode = 404;
    response.end(method === "GET" ? kv.stored.get(key) : undefined);
  });
  process.env.TELNYX_BASE_URL = url;
  process.env.TELNYX_API_KEY = "test";
  process.env.KV_NAMESPACE_ID = "test";
}

/** Empties the fake and makes it work again; call this before each test. */
export function resetFakeKv(): void {
  kv.stored.clear();
  kv.calls.length = 0;
  kv.failing = 0;
}

/** Starts a server on this machine and returns its URL. */
export async function listen(serve: http.RequestListener): Promise<string> {
  const server = http.createServer((request, response) => {
    response.shouldKeepAlive = false; // an open connection would keep the tests running
    return serve(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref(); // otherwise the tests would not end
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
