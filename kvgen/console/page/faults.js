// The rules by which KV calls fail on purpose.

import { call } from "./api.js";
import { byId, make, saying, toggle } from "./dom.js";

export function start() {
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    saying(add)();
  });
}

export function receive(event) {
  if (event.type === "hello" || event.type === "faults") show(event.faults);
}

async function add() {
  const { rule } = byId("fault-form").elements;
  const body = JSON.stringify({ rule: rule.value });
  await call("POST", "faults", { body, type: "application/json" });
  rule.value = "";
}

function show(faults) {
  const active = byId("fault-list").contains(document.activeElement)
    ? [...byId("fault-list").querySelectorAll("button")].indexOf(
        document.activeElement,
      )
    : -1;
  byId("no-faults").hidden = faults.length > 0;
  byId("fault-list").replaceChildren(...faults.map(rowOf));
  if (active >= 0)
    byId("fault-list").querySelectorAll("button")[active]?.focus();
}

function rowOf({ rule, on }, number) {
  const put = (isOn) =>
    call("PUT", `faults/${number}`, {
      body: JSON.stringify({ on: isOn }),
      type: "application/json",
    });
  return make(
    "li",
    {},
    toggle(rule, on, put),
    make("code", { class: "target" }, rule),
    make("span", { class: "state" }, on ? "on" : "off"),
  );
}
