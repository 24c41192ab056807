/** An answer as JSON that no cache may keep. */
export function jsonResponse(status, value, headers = {}) {
  return new Response(JSON.stringify(value), {
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
