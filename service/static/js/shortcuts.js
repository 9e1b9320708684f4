// Keyboard shortcuts for members, listed under "?". Nothing is taken while somebody types, with Ctrl, Alt or Meta, or while a
// dialog is open; all of them can be turned off (WCAG 2.1.4), which this browser remembers.
const dialog = document.getElementById("shortcuts");
const off = dialog.querySelector("[data-off]");
const KEPT = "tillpaid.shortcuts";
const PAIR_MS = 1500;

let pending = 0;

function stored() {
  try { return localStorage.getItem(KEPT); } catch { return null; }
}

function store(value) {
  try { localStorage.setItem(KEPT, value); } catch { /* private window: on until the page is left */ }
}

const go = (path) => () => { window.location.href = path; };
const focus = (selector) => () => {
  const found = document.querySelector(selector);
  if (!found) return false;
  found.closest("details")?.setAttribute("open", "");
  found.focus();
  found.scrollIntoView({ block: "center" });
  return true;
};

const PAIRS = { d: go("/deliveries"), c: go("/clients"), t: go("/trace"), o: go("/outbox"), s: go("/settings") };
const SINGLE = {
  "/": focus("input[type=search]"),
  n: () => {
    const button = document.querySelector("form[action='/deliveries/begin'] button");
    if (button) button.click();
    else go("/deliveries")();
  },
  f: focus("#f-file"),
  l: focus("#links summary, #links .copy-field input"),
  p: focus("#pay-amount"),
  "?": () => dialog.showModal(),
};

function typing(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog") !== null
    && !target.matches("input[type=checkbox], input[type=radio]");
}

document.addEventListener("keydown", (event) => {
  if (off.checked || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const second = performance.now() - pending < PAIR_MS ? PAIRS[event.key] : undefined;
  pending = event.key === "g" ? performance.now() : 0;
  const action = second ?? SINGLE[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

off.checked = stored() === "off";
off.addEventListener("change", () => store(off.checked ? "off" : "on"));
for (const opener of document.querySelectorAll("[data-shortcuts]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
}

// On a phone the menu is one row to scroll: where one is stands in sight.
document.querySelector("header [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
