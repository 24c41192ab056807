import { ContentResponse } from "./responses.js";

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

// Headers that are about one connection or one moment, not about the answer.
const PASSING = new Set([
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

/** Whether a header, by its lower-case name, is passed on and kept. */
export function isKept(name) {
  return !PASSING.has(name) && !name.startsWith("proxy-");
}

/** Makes a response of an answer and the verdict on it: HIT, MISS or BYPASS. */
export function toResponse({ answer, verdict }) {
  const { status, headers, body, storedAt } = answer;
  const own = headers.filter(([name]) => name !== "x-cache");
  const response = new ContentResponse(body, { status, headers: own });
  for (const [name, value] of own) {
    response.lines.set(name, [...(response.lines.get(name) ?? []), value]);
  }
  response.headers.set("X-Cache", verdict);
  if (verdict === "HIT") {
    const age = Math.floor((Date.now() - storedAt) / 1000);
    response.headers.set("Age", Math.max(0, age));
  }
  return response;
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
  // There is one way to write bytes. In text, half a surrogate pair becomes U+FFFD.
  const isWhole =
    encoding === "utf-8" || body.toString(encoding) === entry.body;
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
    HEADER_VALUE.test(header[1]) &&
    isKept(header[0])
  );
}

function isInteger(value) {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53;
}
