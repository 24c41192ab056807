const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Makes a response of an answer and the verdict on it: HIT, MISS or BYPASS. */
export function toResponse({ answer, verdict }) {
  const { status, headers, body, storedAt } = answer;
  const all = new Headers(headers.filter(([name]) => name !== "x-cache"));
  all.set("X-Cache", verdict);
  if (verdict === "HIT") {
    const age = Math.floor((Date.now() - storedAt) / 1000);
    all.set("Age", Math.max(0, age));
  }
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? body : null, { status, headers: all });
}

/** Writes an answer as it is stored, which is the same in every language. */
export function encodeEntry({ status, headers, body }, stored_at) {
  const entry = { status, headers, stored_at, ...encodeBody(body) };
  return JSON.stringify(entry);
}

/** Reads a stored answer; null for any other text. */
export function parseEntry(text) {
  let entry;
  try {
    entry = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isEntry(entry)) return null;
  const { status, headers, stored_at: storedAt, encoding } = entry;
  const body = Buffer.from(entry.body, encoding);
  const isWhole = body.toString(encoding) === entry.body;
  return isWhole ? { status, headers, body, storedAt } : null;
}

function encodeBody(body) {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { encoding: "utf-8", body: decoder.decode(body) };
  } catch {
    return { encoding: "base64", body: body.toString("base64") };
  }
}

function isEntry(entry) {
  return (
    isInteger(entry?.status) &&
    entry.status >= 200 &&
    entry.status <= 599 &&
    isInteger(entry.stored_at) &&
    Array.isArray(entry.headers) &&
    entry.headers.every(isHeader) &&
    ["utf-8", "base64"].includes(entry.encoding) &&
    typeof entry.body === "string"
  );
}

function isHeader(header) {
  return (
    Array.isArray(header) &&
    header.length === 2 &&
    header.every((part) => typeof part === "string") &&
    HEADER_NAME.test(header[0]) &&
    HEADER_VALUE.test(header[1])
  );
}

function isInteger(value) {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53;
}
