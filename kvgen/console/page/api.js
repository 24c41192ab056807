// The console's calls. The token is in the address's fragment, which is sent nowhere by itself.

const API = "/console/api/";

const hash = () => new URLSearchParams(location.hash.slice(1));
export const token = () => hash().get("token") ?? "";

/** Return the fragment of a section, with the token. */
export function linkTo(section) {
  return `#${new URLSearchParams({ token: token(), section })}`;
}

export const sectionAsked = () => hash().get("section");

/** Call the console; throws an Error with what is wrong. */
export async function call(method, path, options = {}) {
  const { query, body, type } = options;
  const search = query ? `?${new URLSearchParams(query)}` : "";
  const headers = { Authorization: `Bearer ${token()}` };
  if (type) headers["Content-Type"] = type;
  const response = await fetch(`${API}${path}${search}`, {
    method,
    headers,
    body,
  }).catch(() => {
    throw new Error("The server cannot be reached.");
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => null);
    throw new Error(
      problem?.errors[0].detail ??
        `The server answered with ${response.status}.`,
    );
  }
  return response;
}

export const keyPath = (key) => `keys/${encodeURIComponent(key)}`;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Pass on the server's events, and open the stream again whenever it ends. */
export async function listen(onEvent, onState) {
  for (let wait = 250; ; wait = Math.min(wait * 2, 4000)) {
    const headers = { Authorization: `Bearer ${token()}` };
    const response = await fetch(`${API}events`, { headers }).catch(() => null);
    if (response?.status === 401) return onState("refused");
    if (response?.ok) {
      wait = 250;
      onState("open");
      await read(response.body.getReader(), onEvent).catch(() => null);
    }
    onState("lost");
    await pause(wait);
  }
}

async function read(reader, onEvent) {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + decoder.decode(value, { stream: true })).split(
      "\n\n",
    );
    rest = events.pop();
    for (const event of events)
      onEvent(JSON.parse(event.slice("data: ".length)));
  }
}
