// The keys of the namespace: a page of them, and the value of the one that was chosen.

import { call } from "./api.js";
import { byId, bytes, left, make, save, say, saying, span } from "./dom.js";
import { startEditor, createKey } from "./editor.js";
import {
  chosenKey,
  closeValue,
  openValue,
  refreshValue,
  startValue,
} from "./value.js";

const SOON = 150; // ms, in which changes are gathered
const ELSEWHERE = 5000; // ms, after which another process may have written

let pages = [""]; // the key after which each page begins, up to the one that is shown
let isShown = false;
let due = 0;
let asked = 0;

export function start() {
  startEditor();
  startValue();
  byId("prefix").addEventListener("input", () => turnTo([""]));
  byId("new-key").addEventListener("click", createKey);
  byId("download").addEventListener("click", saying(download));
  byId("sweep").addEventListener("click", saying(sweep));
  byId("previous").addEventListener("click", () => turnTo(pages.slice(0, -1)));
  byId("next").addEventListener("click", () =>
    turnTo([...pages, byId("next").dataset.after]),
  );
  setInterval(countDown, 1000);
  setInterval(() => isShown && !document.hidden && refreshSoon(), ELSEWHERE);
}

export function setShown(shown) {
  if (shown && !isShown) refreshSoon();
  isShown = shown;
}

export function receive(event) {
  const isWrite =
    event.type === "entry" && ["PUT", "DELETE"].includes(event.entry.method);
  const isChange = event.type === "keys" || event.type === "hello";
  if (isShown && (isChange || (isWrite && event.entry.type === "call")))
    refreshSoon();
}

function turnTo(wanted) {
  pages = wanted;
  refreshSoon();
}

function refreshSoon() {
  clearTimeout(due);
  due = setTimeout(() => refresh().catch(() => null), SOON); // the header says what is lost
}

async function refresh() {
  const number = ++asked;
  const query = { prefix: byId("prefix").value.trim(), after: pages.at(-1) };
  const { keys, more } = await (await call("GET", "keys", { query })).json();
  if (number !== asked) return; // a later one was asked for meanwhile
  if (!keys.length && pages.length > 1) return turnTo(pages.slice(0, -1));
  showPage(keys, more);
  await refreshValue();
}

function showPage(keys, more) {
  const focused = document.activeElement?.dataset?.key;
  byId("key-table").tBodies[0].replaceChildren(...keys.map(rowOf));
  byId("key-table").hidden = !keys.length;
  byId("no-keys").hidden = keys.length > 0;
  byId("no-keys").textContent = byId("prefix").value.trim()
    ? "No key starts with this."
    : "There is no key yet.";
  byId("paging").hidden = pages.length === 1 && !more;
  byId("page-number").textContent = `Page ${pages.length}`;
  byId("previous").disabled = pages.length === 1;
  byId("next").disabled = !more;
  byId("next").dataset.after = keys.at(-1)?.key ?? "";
  if (focused) buttonOf(focused)?.focus();
}

function rowOf(row) {
  const age = span(Date.now() / 1000 - row.updated_at);
  const button = make(
    "button",
    { class: "key", "data-key": row.key, click: saying(() => choose(row.key)) },
    row.key,
  );
  if (row.key === chosenKey()) button.setAttribute("aria-current", "true");
  const expires = make("td", { class: "number" });
  if (row.expires_at !== null) {
    expires.dataset.expires = row.expires_at;
    expires.textContent = left(row.expires_at);
  }
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, button),
    make("td", { class: "number" }, bytes(row.size)),
    make("td", { class: "number age", "data-updated": row.updated_at }, age),
    expires,
  );
}

const buttonOf = (key) =>
  document.querySelector(`button[data-key="${CSS.escape(key)}"]`);

async function choose(key) {
  for (const other of document.querySelectorAll("button.key[aria-current]")) {
    other.removeAttribute("aria-current");
  }
  buttonOf(key)?.setAttribute("aria-current", "true");
  await openValue(key, () => {
    const button = buttonOf(key);
    button?.removeAttribute("aria-current");
    (button ?? byId("prefix")).focus();
  });
}

function countDown() {
  for (const cell of document.querySelectorAll("[data-expires]")) {
    cell.textContent = left(Number(cell.dataset.expires));
  }
  for (const cell of document.querySelectorAll("[data-updated]")) {
    cell.textContent = span(Date.now() / 1000 - Number(cell.dataset.updated));
  }
}

async function download() {
  const prefix = byId("prefix").value.trim();
  const response = await call("GET", "export", { query: { prefix } });
  save(
    `${prefix.replaceAll("/", "-") || "keys"}.json`.replace("-.", "."),
    await response.blob(),
  );
}

async function sweep() {
  const { deleted } = await (await call("DELETE", "expired")).json();
  if (!byId("value").hidden) await refreshValue().catch(closeValue);
  say(
    deleted === 1
      ? "Deleted 1 expired key."
      : `Deleted ${deleted} expired keys.`,
  );
}
