import { readFlag } from "./flag.js";

const FLAG = "new-ui";
const FLAG_DEFAULT = false; // while it is not set or cannot be read
const FLAG_REFRESH = 0; // seconds for which an instance remembers it

/**
 * Serves the new UI if the flag is on, and the old one if it is off.
 * @param {Request} request
 */
export async function handler(request) {
  const newUIEnabled = await readFlag(FLAG, FLAG_DEFAULT, FLAG_REFRESH);

  const response = newUIEnabled ? serveNewUI(request) : serveOldUI(request);
  response.headers.set("X-Flag", `${FLAG}=${newUIEnabled ? "on" : "off"}`);
  return response;
}

/** The response if the flag is on. */
function serveNewUI(request) {
  return page("New UI");
}

/** The response if the flag is off. */
function serveOldUI(request) {
  return page("Old UI");
}

function page(title) {
  const html = `<!doctype html>\n<title>${title}</title>\n<h1>${title}</h1>\n`;
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store", // otherwise a flipped flag does not show
  };
  return new Response(html, { headers });
}
