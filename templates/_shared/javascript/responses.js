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

/** A Response with its text at hand: the stream that another has costs as much as a KV call. */
class TextResponse extends Response {
  constructor(content, init) {
    super(null, init);
    this.content = content;
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
