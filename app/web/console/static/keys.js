// Keys that work everywhere on a page and never while somebody types. `keys({c: claim})` adds a page's own.

const FIELDS = "input, textarea, select, [contenteditable]";
const acts = new Map();

const isTyping = (target) => target instanceof Element && target.closest(FIELDS) !== null;
const shown = (element) => element.offsetParent !== null && !element.hidden;
const items = () => [...document.querySelectorAll("[data-pick]")].filter(shown);

export function keys(more) {
  for (const [key, act] of Object.entries(more)) acts.set(key, act);
}

export const picked = () => {
  const found = document.querySelector("[data-pick].picked");
  return found && shown(found) ? found : null;
};

export function pick(item) {
  for (const other of document.querySelectorAll("[data-pick].picked")) other.classList.remove("picked");
  if (!item) return;
  item.classList.add("picked");
  (item.querySelector("[data-open]") || item).focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = items();
  if (!all.length) return;
  const at = all.indexOf(picked());
  pick(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
}

function open() {
  const link = picked()?.querySelector("[data-open]");
  if (link) link.click();
}

const help = () => document.getElementById("help")?.showModal();

keys({ j: () => move(1), k: () => move(-1), "?": help });

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return; // a dialog has its own keys, Escape among them
  if (event.key === "Escape") {
    if (isTyping(event.target)) event.target.blur();
    else if (acts.has("Escape")) acts.get("Escape")();
    else pick(null);
    return;
  }
  if (isTyping(event.target)) return;
  if (event.key === "Enter") {
    if (event.target === document.body && picked()) open();
    return; // a focused link or button acts by itself
  }
  const act = acts.get(event.key);
  if (!act || event.repeat && !"jk".includes(event.key)) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help();
});
document.addEventListener("focusin", (event) => {
  const item = event.target.closest("[data-pick]");
  if (item && !item.classList.contains("picked")) {
    for (const other of document.querySelectorAll("[data-pick].picked")) other.classList.remove("picked");
    item.classList.add("picked");
  }
});
