// Elements and texts. Data reach the page as text alone, never as HTML.

export const byId = (id) => document.getElementById(id);

/** Make an element; `attributes` with a function become listeners, true and false switches. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function bytes(size) {
  if (size < 1000) return `${size} B`;
  return size < 1e6
    ? `${(size / 1e3).toFixed(1)} kB`
    : `${(size / 1e6).toFixed(1)} MB`;
}

const UNITS = [
  ["d", 86400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** Write a length of time with its two largest units. */
export function span(seconds) {
  const parts = [];
  let rest = Math.max(0, Math.floor(seconds));
  for (const [unit, length] of UNITS) {
    if (rest >= length) parts.push(`${Math.floor(rest / length)}${unit}`);
    rest %= length;
  }
  return parts.slice(0, 2).join(" ") || "0s";
}

export function left(expiresAt) {
  const seconds = expiresAt - Date.now() / 1000;
  return seconds > 0 ? `in ${span(seconds)}` : "expired";
}

let fading;

/** Say something at the bottom of the page for a few seconds. */
export function say(text, isError = false) {
  const message = byId("message");
  message.textContent = text;
  message.classList.toggle("bad", isError);
  clearTimeout(fading);
  fading = setTimeout(() => (message.textContent = ""), isError ? 10000 : 4000);
}

/** Return a listener that says what goes wrong in an asynchronous one. */
export function saying(listener) {
  return async (event) => {
    try {
      await listener(event);
    } catch (error) {
      say(error.message, true);
    }
  };
}

/** Make a switch: a button that is on or off. */
export function toggle(label, isOn, onChange) {
  return make("button", {
    type: "button",
    role: "switch",
    class: "switch",
    "aria-checked": String(isOn),
    "aria-label": label,
    click: saying(() => onChange(!isOn)),
  });
}

export function save(name, blob) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
