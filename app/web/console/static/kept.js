// Keeps what is typed into a form with `data-kept` until the server has taken it: over a reload, a lost line, a session
// that is over. It stays in this tab; whoever comes back to the page by a link begins anew.
import { notice } from "./asks.js";
import { came, here, taken } from "./taken.js";

const MINE = `huifu.kept.${document.body.dataset.me}.`;
const refused = came?.responseStatus >= 400; // what stands in the fields is what was typed then
const anew = came?.type === "navigate" && !refused && !/\/console\/login/.test(document.referrer);

const nameOf = (form) => `${MINE}${form.getAttribute("action")}.${form.dataset.kept}`;
const read = (name) => JSON.parse(sessionStorage.getItem(name) || "null");
const fields = (form) => [...form.elements].filter(({ name, type }) => name && !["hidden", "submit", "fieldset"].includes(type));
const given = ({ options, defaultValue }) => (options ? ([...options].find((one) => one.defaultSelected) || options[0])?.value : defaultValue);
const isTyped = (field) => field.value !== given(field);

function keep(form, sent = "") {
  const typed = fields(form).filter((field) => refused || isTyped(field)).map(({ name, value }) => [name, value]);
  if (typed.length) sessionStorage.setItem(nameOf(form), JSON.stringify({ typed: Object.fromEntries(typed), sent }));
  else sessionStorage.removeItem(nameOf(form));
}

/** True when something came back. What was typed before this script was there is newer, and stays. */
function restore(form) {
  const kept = read(nameOf(form));
  const lost = kept && (kept.sent || !anew)
    ? fields(form).filter((field) => field.name in kept.typed && !isTyped(field) && field.value !== kept.typed[field.name]) : [];
  for (const field of lost) {
    field.value = kept.typed[field.name];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (lost.length) form.closest("details")?.setAttribute("open", "");
  if (kept || fields(form).some(isTyped)) keep(form);
  return lost.length > 0;
}

for (const name of Object.keys(sessionStorage)) {
  if (name.startsWith(MINE) && read(name).sent && taken(read(name).sent)) sessionStorage.removeItem(name);
}
document.addEventListener("input", ({ target }) => { if (target.form?.matches("[data-kept]")) keep(target.form); });
addEventListener("submit", ({ target, defaultPrevented }) => { if (!defaultPrevented && target.matches("[data-kept]")) keep(target, here); });
document.addEventListener("DOMContentLoaded", () => { // previews listen by then
  const found = [...document.querySelectorAll("form[data-kept]")].map(restore);
  if (found.includes(true)) notice(document.getElementById("notices").dataset.kept, "info");
});
