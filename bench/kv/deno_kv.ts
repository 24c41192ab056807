// Deno KV on a file of its own, behind the plainest server that speaks the paths of the embedded KV.
// Prints its port; DATA comes from the environment.
const kv = await Deno.openKv(Deno.env.get("DATA"));

async function handle(request: Request): Promise<Response> {
  const key = [decodeURIComponent(new URL(request.url).pathname.slice(1))];
  if (request.method === "PUT") {
    await kv.set(key, new Uint8Array(await request.arrayBuffer()));
    return new Response(null, { status: 200 });
  }
  const { value } = await kv.get<Uint8Array<ArrayBuffer>>(key);
  return value === null ? new Response(null, { status: 404 }) : new Response(value);
}

Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  handle,
);
