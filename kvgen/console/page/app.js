// Leads the server's events to the sections, and shows the one that the address names.

import { linkTo, listen, sectionAsked, token } from "./api.js";
import { byId, make } from "./dom.js";
import * as faults from "./faults.js";
import * as flags from "./flags.js";
import * as keys from "./keys.js";
import * as requests from "./requests.js";
import * as send from "./send.js";

const SECTIONS = { requests, keys, flags, send, faults };
const TITLES = {
  requests: "Requests",
  keys: "Keys",
  flags: "Flags",
  send: "Send",
  faults: "Faults",
};
const STATES = {
  open: "Connected",
  lost: "Connection lost, trying again…",
  refused: "Not connected",
};

let hasFunction = true;

function show() {
  const names = Object.keys(SECTIONS).filter(
    (name) => hasFunction || name !== "send",
  );
  const shown = names.includes(sectionAsked()) ? sectionAsked() : "requests";
  const links = names.map((name) =>
    make(
      "a",
      {
        href: linkTo(name),
        ...(name === shown ? { "aria-current": "page" } : {}),
      },
      TITLES[name],
    ),
  );
  const focused = document.activeElement?.textContent;
  const hadFocus = byId("sections").contains(document.activeElement);
  byId("sections").replaceChildren(...links);
  if (hadFocus) links.find((link) => link.textContent === focused)?.focus();
  for (const [name, section] of Object.entries(SECTIONS)) {
    byId(name).hidden = name !== shown;
    section.setShown?.(name === shown);
  }
  document.title = `${TITLES[shown]} · kvgen console`;
}

function greet(hello) {
  hasFunction = Boolean(hello.function);
  const link = byId("function");
  link.hidden = !hasFunction;
  link.href = hello.function;
  link.textContent = hello.function.replace("http://", "");
  show();
}

function setState(state) {
  byId("connection").textContent = STATES[state];
  byId("connection").dataset.state = state;
  if (state === "refused")
    refuse(
      "It is of an earlier run, perhaps. Open the address that kvgen has printed last.",
    );
}

function refuse(text) {
  for (const section of document.querySelectorAll("main > section"))
    section.hidden = true;
  byId("sections").replaceChildren();
  byId("stranger").hidden = false;
  byId("stranger-text").textContent = text;
}

function start() {
  for (const section of Object.values(SECTIONS)) section.start?.();
  show();
  addEventListener("hashchange", show);
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the fragment has the token
    byId("main").focus();
  });
  listen((event) => {
    if (event.type === "hello") greet(event);
    for (const section of Object.values(SECTIONS)) section.receive(event);
  }, setState);
}

if (token()) start();
else setState("refused");
