/** An answer as JSON that no cache may keep. */
export function jsonResponse(status, value, headers = {}) {
  return new TextResponse(JSON.stringify(value), {
    status,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      ...headers,
    },
  });
}

/** What matters of a Response, without its stream: that would cost as much as a KV call. */
class TextResponse {
  constructor(content, { status, headers }) {
    this.content = content;
    this.status = status;
    this.headers = new Headers(headers);
  }

  async text() {
    return this.content;
  }

  async json() {
    return JSON.parse(this.content);
  }
}

/** The answer to a request that failed or was refused. */
export function errorResponse(status, message, headers) {
  return jsonResponse(status, { error: message }, headers);
}
