// The form for a key: a new one, or the value and the lifetime of one that is there.

import { call, keyPath } from "./api.js";
import { byId, say } from "./dom.js";

let edited = null; // what the server said of the key, or null for a new one

export function startEditor() {
  byId("editor-form").addEventListener("submit", submit);
  byId("editor-form")
    .querySelector("[value=cancel]")
    .addEventListener("click", () => byId("editor").close());
}

export function createKey() {
  open(null, {
    key: byId("prefix").value.trim(),
    value: "",
    ttl: "",
    enveloped: true,
  });
}

export function editKey(shown) {
  const isEnveloped = shown.decoded.expires_at !== null;
  const seconds =
    shown.expires_at === null ? null : shown.expires_at - Date.now() / 1000;
  open(shown, {
    key: shown.key,
    value: isEnveloped ? shown.decoded.value : shown.text,
    ttl: seconds === null ? "" : String(Math.max(1, Math.ceil(seconds))),
    enveloped: isEnveloped || seconds === null,
  });
}

function open(shown, { key, value, ttl, enveloped }) {
  edited = shown;
  const fields = byId("editor-form").elements;
  byId("editor-title").textContent = shown ? "Edit the value" : "New key";
  byId("editor-error").textContent = "";
  fields.key.value = key;
  fields.key.readOnly = Boolean(shown);
  fields.value.value = value;
  fields.ttl.value = ttl;
  fields.enveloped.checked = enveloped;
  byId("editor").showModal();
  (shown ? fields.value : fields.key).focus();
}

async function submit(event) {
  event.preventDefault();
  const fields = byId("editor-form").elements;
  const key = fields.key.value.trim();
  try {
    await write(
      key,
      fields.value.value,
      Number(fields.ttl.value),
      fields.enveloped.checked,
    );
    byId("editor").close();
    say(`Saved ${key}.`);
  } catch (error) {
    byId("editor-error").textContent = error.message;
  }
}

async function write(key, value, ttl, enveloped) {
  const expires = Date.now() + ttl * 1000;
  const body =
    ttl && enveloped ? JSON.stringify({ value, expires_at: expires }) : value;
  const hadEnvelopeAlone =
    edited && edited.decoded.expires_at !== null && !edited.has_ttl;
  const query =
    ttl && !(enveloped && hadEnvelopeAlone) ? { ttl_secs: ttl } : {};
  const type = edited?.content_type ?? "text/plain";
  await call("PUT", keyPath(key), { query, body, type });
}
