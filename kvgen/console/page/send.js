// A form to send a request to the function; the server sends it, and says what came back.

import { call } from "./api.js";
import { byId, make, say, saying } from "./dom.js";
import { code, headersTable } from "./value.js";

let address = "";

export function start() {
  byId("send-form").addEventListener("submit", (event) => {
    event.preventDefault();
    saying(submit)();
  });
  byId("send-form").addEventListener("input", showCurl);
  byId("copy-curl").addEventListener("click", saying(copy));
}

export function receive(event) {
  if (event.type !== "hello") return;
  address = event.function;
  showCurl();
}

function request() {
  const { method, path, headers, body } = byId("send-form").elements;
  const fields = headers.value.split("\n").filter((line) => line.trim());
  return {
    method: method.value,
    path: `/${path.value.trim().replace(/^\//, "")}`,
    headers: fields.map((line) => {
      const [name, ...rest] = line.split(":");
      return [name.trim(), rest.join(":").trim()];
    }),
    body: body.value,
  };
}

async function submit() {
  const button = byId("send-form").querySelector("[type=submit]");
  button.disabled = true;
  try {
    const body = JSON.stringify(request());
    show(
      await (
        await call("POST", "send", { body, type: "application/json" })
      ).json(),
    );
  } finally {
    button.disabled = false;
    button.focus();
  }
}

function show({ status, reason, ms, headers, body, is_whole: isWhole }) {
  const panel = byId("response");
  panel.replaceChildren(
    make(
      "p",
      { class: "line" },
      make(
        "span",
        { class: `status s${Math.floor(status / 100)}` },
        `${status} ${reason}`,
      ),
      make("span", { class: "ms" }, `${ms} ms`),
    ),
    headersTable(headers),
    code(body.text),
    isWhole
      ? null
      : make("p", { class: "hint" }, "The body is longer than is shown here."),
  );
  panel.hidden = false;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl() {
  const { method, path, headers, body } = request();
  const isHead = method === "HEAD";
  return [
    isHead ? "curl --head" : "curl -i",
    ...(isHead || method === (body ? "POST" : "GET") ? [] : [`-X ${method}`]),
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body ? [`--data-raw ${quoted(body)}`] : []),
    quoted(address + path),
  ].join(" ");
}

function showCurl() {
  byId("curl").textContent = curl();
}

async function copy() {
  await navigator.clipboard.writeText(curl()).catch(() => {
    getSelection().selectAllChildren(byId("curl"));
    throw new Error(
      "The browser does not allow it: the command is selected, copy it.",
    );
  });
  say("Copied.");
}
