// Every flag as a switch: those that are set, that the folder names, and that were asked for.

import { call, keyPath } from "./api.js";
import { byId, make, say, saying, toggle } from "./dom.js";

const PREFIX = "flag/";
const SOON = 150; // ms
const ELSEWHERE = 5000; // ms

const named = new Set();
let isShown = false;
let due = 0;

export function start() {
  setInterval(() => isShown && !document.hidden && refreshSoon(), ELSEWHERE);
}

export function setShown(shown) {
  if (shown && !isShown) refreshSoon();
  isShown = shown;
}

export function receive(event) {
  if (event.type === "hello") {
    event.flags.forEach((name) => named.add(name));
    event.entries.forEach(remember);
  } else if (event.type === "entry") remember(event.entry);
  if (isShown && ["hello", "keys", "entry"].includes(event.type)) refreshSoon();
}

function remember(entry) {
  for (const one of entry.type === "call" ? [entry] : (entry.calls ?? [])) {
    if (one.method === "GET" && one.key.startsWith(PREFIX))
      named.add(one.key.slice(PREFIX.length));
  }
}

function refreshSoon() {
  clearTimeout(due);
  due = setTimeout(() => refresh().catch(() => null), SOON);
}

async function refresh() {
  const values = new Map([...named].map((name) => [name, null]));
  for (let after = ""; ;) {
    const response = await call("GET", "keys", {
      query: { prefix: PREFIX, after },
    });
    const { keys, more } = await response.json();
    for (const { key, preview } of keys)
      values.set(key.slice(PREFIX.length), preview);
    if (!more) break;
    after = keys.at(-1).key;
  }
  const names = [...values.keys()].sort();
  const focused = document.activeElement?.getAttribute("aria-label");
  byId("flag-list").replaceChildren(
    ...names.map((name) => rowOf(name, values.get(name))),
  );
  byId("no-flags").hidden = names.length > 0;
  if (focused)
    byId("flag-list")
      .querySelector(`[aria-label="${CSS.escape(focused)}"]`)
      ?.focus();
}

function rowOf(name, value) {
  const key = PREFIX + name;
  const text = value?.trim();
  const state = { true: "on", false: "off" }[text];
  const put = async (isOn) => {
    await call("PUT", keyPath(key), { body: String(isOn), type: "text/plain" });
    say(`${name} is ${isOn ? "on" : "off"}.`);
  };
  const unset = async () => {
    await call("DELETE", keyPath(key));
    say(`${name} is no longer set.`);
  };
  const said =
    value === null ? "not set" : (state ?? `holds “${text}”: the default`);
  return make(
    "li",
    {},
    toggle(name, state === "on", put),
    make("code", { class: "target" }, name),
    make("span", { class: "state" }, said),
    value === null
      ? null
      : make(
          "button",
          { "aria-label": `Unset ${name}`, click: saying(unset) },
          "Unset",
        ),
  );
}
