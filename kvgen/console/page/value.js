// One value: decoded, and as it is stored.

import { call, keyPath } from "./api.js";
import { byId, bytes, left, make, save, say, saying } from "./dom.js";
import { editKey } from "./editor.js";

let shown = null; // what the server said of the key
let doomed = ""; // the key that the question is about
let isRaw = false;
let onClose = () => null;

export function startValue() {
  byId("question").addEventListener("close", saying(removeIfSo));
}

export const chosenKey = () => shown?.key ?? null;

export async function openValue(key, whenClosed) {
  onClose = whenClosed;
  isRaw = false;
  await load(key);
  byId("value-title").focus();
}

/** Show the value anew, unless it is as it was. */
export async function refreshValue() {
  if (shown) await load(shown.key);
}

export function closeValue() {
  shown = null;
  byId("value").hidden = true;
  onClose();
}

async function load(key) {
  const response = await call("GET", keyPath(key)).catch((error) => {
    if (shown?.key === key) closeGone();
    throw error;
  });
  const value = await response.json();
  if (JSON.stringify(value) === JSON.stringify(shown) && !byId("value").hidden)
    return;
  shown = value;
  render();
}

function closeGone() {
  const { key } = shown;
  closeValue();
  say(`${key} is gone.`);
}

function render() {
  const panel = byId("value");
  const active = panel.contains(document.activeElement)
    ? document.activeElement.id
    : "";
  panel.replaceChildren(
    make(
      "div",
      { class: "head" },
      make("h2", { id: "value-title", tabindex: "-1" }, shown.key),
      make("button", { id: "close-value", click: closeValue }, "Close"),
    ),
    facts(),
    make(
      "div",
      { class: "tools", role: "group", "aria-label": "How to show the value" },
      choice("Decoded", false),
      choice("Raw", true),
    ),
    ...(isRaw ? [code(shown.raw)] : decoded(shown.decoded)),
    make(
      "div",
      { class: "row end" },
      make(
        "button",
        {
          id: "edit-value",
          disabled: shown.text === null,
          click: () => editKey(shown),
        },
        "Edit",
      ),
      make(
        "button",
        { id: "download-value", click: saying(download) },
        "Download",
      ),
      make(
        "button",
        { id: "delete-value", class: "danger", click: askToRemove },
        "Delete",
      ),
    ),
  );
  panel.hidden = false;
  if (active) byId(active)?.focus();
}

function facts() {
  const list = make("dl", { class: "facts" });
  const add = (name, value) =>
    list.append(make("div", {}, make("dt", {}, name), value));
  add("Size", make("dd", {}, bytes(shown.size)));
  add("Type", make("dd", {}, shown.content_type));
  if (shown.expires_at !== null) {
    const expires = make(
      "dd",
      { "data-expires": shown.expires_at },
      left(shown.expires_at),
    );
    add("Expires", expires);
  }
  if (shown.decoded.expires_at !== null) {
    const also = shown.has_ttl ? "envelope and ttl_secs" : "envelope";
    add("Lifetime by", make("dd", {}, also));
  } else if (shown.has_ttl) add("Lifetime by", make("dd", {}, "ttl_secs"));
  return list;
}

function choice(title, raw) {
  const id = raw ? "show-raw" : "show-decoded";
  const press = () => {
    isRaw = raw;
    render();
  };
  return make(
    "button",
    { id, "aria-pressed": String(isRaw === raw), click: press },
    title,
  );
}

function decoded({ form, text, response }) {
  if (form !== "response") return [code(text)];
  const stored = new Date(response.stored_at);
  const at = Number.isNaN(stored.getTime())
    ? ""
    : `, stored ${stored.toLocaleString()}`;
  return [
    make("p", { class: "line" }, `Cached response: ${response.status}${at}`),
    headersTable(response.headers),
    code(response.body.text),
  ];
}

export function headersTable(headers) {
  const rows = headers.map(([name, value]) =>
    make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)),
  );
  return make(
    "table",
    { class: "headers" },
    make("caption", {}, "Headers"),
    make("tbody", {}, ...rows),
  );
}

export function code(text) {
  return make(
    "pre",
    { class: "code", tabindex: "0", "aria-label": "Content" },
    text || "(empty)",
  );
}

async function download() {
  const response = await call("GET", "export", {
    query: { prefix: shown.key },
  });
  const items = (await response.json()).filter(
    (item) => item.key === shown.key,
  );
  const type = "application/json";
  save(
    `${shown.key.replaceAll("/", "-")}.json`,
    new Blob([`${JSON.stringify(items, null, 2)}\n`], { type }),
  );
}

function askToRemove() {
  doomed = shown.key;
  byId("question-text").textContent = `Delete ${doomed}?`;
  byId("question").returnValue = "";
  byId("question").showModal();
}

async function removeIfSo() {
  // Browsers tell of the closing later: the question may be open again, with no answer yet.
  if (byId("question").returnValue !== "yes") return;
  const key = doomed; // which the next question changes
  await call("DELETE", keyPath(key));
  closeValue();
  say(`Deleted ${key}.`);
}
