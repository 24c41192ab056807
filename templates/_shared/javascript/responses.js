/** An answer as JSON that no cache may keep. */
export function jsonResponse(status, value, headers = {}) {
  return new ContentResponse(JSON.stringify(value), {
    status,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      ...headers,
    },
  });
}

/** The answer to a request that failed or was refused. */
export function errorResponse(status, message, headers) {
  return jsonResponse(status, { error: message }, headers);
}

/**
 * What matters of a Response, with its text or Buffer at hand: the stream that another
 * has costs as much as a KV call. `lines` may hold, by lower-case name, the values of
 * headers that are to be sent apart, since Headers joins them.
 */
export class ContentResponse {
  constructor(content, { status, headers }) {
    this.content = content;
    this.status = status;
    this.headers = new Headers(headers);
    this.lines = new Map();
  }

  async arrayBuffer() {
    return Uint8Array.from(Buffer.from(this.content)).buffer;
  }

  async text() {
    return this.content.toString();
  }

  async json() {
    return JSON.parse(this.content);
  }
}
