// Miniflare's KV, kept on disk, behind the plainest Worker that speaks the paths of the embedded KV.
// Prints its port; PORT and DATA come from the environment.
import { Miniflare } from "miniflare";

const worker = `
export default {
  async fetch(request, env) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") {
      await env.KV.put(key, await request.arrayBuffer());
      return new Response(null, { status: 200 });
    }
    const value = await env.KV.get(key, "arrayBuffer");
    return value === null ? new Response(null, { status: 404 }) : new Response(value);
  },
};`;

const miniflare = new Miniflare({
  modules: true,
  script: worker,
  host: "127.0.0.1",
  port: 0,
  kvNamespaces: ["KV"],
  kvPersist: process.env.DATA,
});
console.log((await miniflare.ready).port);
