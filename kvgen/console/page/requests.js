// The requests of the function as they happen, with the KV calls that they made.

import { call } from "./api.js";
import { byId, make, saying } from "./dom.js";

const MOST = 500;

const entries = new Map(); // by number; a Map keeps the order in which they came
const waiting = []; // events that came while the list was paused
let isPaused = false;
let address = "";

export function start() {
  byId("filter").addEventListener("input", filter);
  byId("pause").addEventListener("click", () => setPaused(!isPaused));
  byId("clear").addEventListener(
    "click",
    saying(() => call("DELETE", "entries")),
  );
}

export function receive(event) {
  if (event.type === "hello") address = event.function;
  if (isPaused && event.type === "entry") {
    waiting.push(event);
    if (waiting.length > 2 * MOST) waiting.shift();
    byId("pause").textContent = `Resume (${waiting.length})`;
  } else {
    apply(event);
  }
}

function apply(event) {
  if (event.type === "hello") restart(event.entries);
  else if (event.type === "cleared") restart([]);
  else if (event.type === "entry") put(event.entry);
}

function setPaused(paused) {
  isPaused = paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Resume" : "Pause";
  if (!paused) waiting.splice(0).forEach(apply);
}

function restart(list) {
  waiting.length = 0;
  entries.clear();
  byId("entries").replaceChildren();
  list.forEach(put);
  sayEmpty();
}

function put(entry) {
  for (const id of entry.claims ?? []) drop(id);
  const row = rowOf(entry);
  row.hidden = !matches(row);
  const old = entries.get(entry.id);
  if (old) old.replaceWith(row);
  else byId("entries").prepend(row);
  entries.set(entry.id, row);
  if (entries.size > MOST) drop(entries.keys().next().value);
  sayEmpty();
}

function drop(id) {
  entries.get(id)?.remove();
  entries.delete(id);
}

function matches(row) {
  const wanted = byId("filter").value.trim().toLowerCase();
  return !wanted || row.textContent.toLowerCase().includes(wanted);
}

function filter() {
  for (const row of entries.values()) row.hidden = !matches(row);
  sayEmpty();
}

function sayEmpty() {
  const isEmpty = ![...entries.values()].some((row) => !row.hidden);
  const where = address
    ? `Ask for ${address}, or send one from here.`
    : "Calls appear here.";
  byId("no-entries").textContent = entries.size
    ? "Nothing matches the filter."
    : `Nothing yet. ${where}`;
  byId("no-entries").hidden = !isEmpty;
}

function rowOf(entry) {
  const at = make(
    "time",
    { datetime: new Date(entry.at).toISOString() },
    clock(entry.at),
  );
  if (entry.type === "note") {
    return make(
      "li",
      { class: `note ${entry.level}` },
      make("p", {}, entry.text),
      at,
    );
  }
  if (entry.type === "log")
    return make("li", { class: "log" }, lines(entry.lines), at);
  if (entry.type === "call")
    return make("li", { class: "loose" }, callOf(entry), at);
  const isBad = entry.status >= 500;
  const isFaulty = entry.calls.some((one) => one.fault);
  return make(
    "li",
    { class: isBad ? "request failed" : "request" },
    make(
      "p",
      { class: "line" },
      statusOf(entry.status),
      make("span", { class: "method" }, entry.method),
      make("code", { class: "target" }, entry.target),
      isFaulty ? make("span", { class: "tag" }, "met a fault") : null,
      make("span", { class: "ms" }, `${entry.ms} ms`),
      at,
    ),
    entry.calls.length
      ? make(
          "ul",
          { class: "calls" },
          ...entry.calls.map((one) => make("li", {}, callOf(one))),
        )
      : null,
    entry.concurrent && entry.calls.length
      ? make(
          "p",
          { class: "hint" },
          "Other requests ran at the same time: a call may be theirs.",
        )
      : null,
    entry.lines.length ? lines(entry.lines) : null,
  );
}

function callOf(one) {
  return make(
    "p",
    { class: "call" },
    statusOf(one.status),
    make("span", { class: "method" }, `kv ${one.method}`),
    make("code", { class: "target" }, one.key || "(keys)"),
    one.fault ? make("span", { class: "tag" }, `fault: ${faultOf(one)}`) : null,
    make("span", { class: "ms" }, `${one.ms.toFixed(1)} ms`),
  );
}

const faultOf = (one) => (one.fault === "status" ? one.status : one.fault);

const lines = (list) => make("pre", { class: "printed" }, list.join("\n"));

function statusOf(status) {
  return make(
    "span",
    { class: `status s${Math.floor(status / 100)}` },
    String(status),
  );
}

function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour12: false });
}
