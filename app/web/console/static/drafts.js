// What one writes into a form with one text and a token: kept in this tab until the server has it, and known to be on its
// way when the browser has sent it before the scripts were there.
import { here, taken } from "./taken.js";
import { seal, settled, tried } from "./tokens.js";

/** What was typed while `sent` was under way. */
export const rest = (now, sent) => (now.startsWith(sent) ? now.slice(sent.length).trimStart() : now);
const both = (before, now) => (now.includes(before) ? now : [before, now].filter(Boolean).join("\n"));

/** `keep()` after every change; `restore()` once: what was typed before the scripts were there comes behind what was kept. */
export function openDraft(form, field, name) {
  const sent = () => new URLSearchParams(tried(form)?.words).get(field.name) || "";
  const onItsWay = () => (form.hasAttribute("aria-busy") ? sent() : "");

  function keep() {
    const draft = rest(field.value, onItsWay());
    if (draft) { sessionStorage.setItem(name, draft); return; }
    if (onItsWay()) return;
    sessionStorage.removeItem(name);
    settled(form); // given up
  }

  function restore() {
    const before = tried(form);
    if (form.hasAttribute("aria-busy")) { seal(form, here); return; }
    if (before && taken(before.page)) settled(form, form.elements.token.value);
    field.value = both(sessionStorage.getItem(name) || "", field.value);
    if (tried(form)?.page) { field.value = both(field.value, sent()); seal(form); }
  }

  return { keep, restore };
}
