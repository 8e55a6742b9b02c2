// How scripts of the console ask the server: with the session's token, as a part of a page, and never twice at once.
import { afterPress } from "./press.js";

export const token = () => document.querySelector('meta[name="csrf-token"]').content;
const AGAIN = 3000; // milliseconds until a part that could not be fetched is asked for again
const underWay = new Set();

/**
 * Posts a form. Answers {status, said, to, json}: `to` is where the page should go, `said` the server's sentence.
 * status 0: the server cannot be reached; -1: the same request is under way already. `key`: what counts as the same.
 */
export async function post(url, fields = {}, key = url) {
  if (underWay.has(key)) return { status: -1, said: "" };
  underWay.add(key);
  const { failed, unreachable } = document.getElementById("notices").dataset;
  try {
    const body = fields instanceof FormData ? new URLSearchParams(fields) : new URLSearchParams(Object.entries(fields));
    const answer = await fetch(url, { method: "POST", body, headers: { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": token() } });
    const kind = answer.headers.get("Content-Type") || "", isJson = kind.startsWith("application/json");
    const said = kind.startsWith("text/plain") ? (await answer.text()).slice(0, 2000) : "";
    return {
      status: answer.status,
      to: answer.headers.get("HX-Redirect") || "",
      json: isJson ? await answer.json() : null,
      said: said || (answer.ok ? "" : failed), // a server before ours tells nothing that a person could read
    };
  } catch {
    return { status: 0, said: unreachable };
  } finally {
    underWay.delete(key);
  }
}

/** {status, root, to}: a part of a page as an element, or null. `to`: where the page should go instead. */
export async function part(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    const to = answer.headers.get("HX-Redirect") || "";
    if (to || !answer.ok) return { status: answer.status, root: null, to };
    const held = document.createElement("template");
    held.innerHTML = await answer.text();
    return { status: answer.status, root: held.content, to: "" };
  } catch {
    return { status: 0, root: null, to: "" };
  }
}

/**
 * Keeps a part of a page as it is on the server: gives `renew()`, which fetches it from `where()` and hands the element
 * `name` of the answer to `show(fresh, root)`. Never twice at once: what happens meanwhile is looked at once more. While
 * the server cannot be reached it is asked again every few seconds. `denied(status, to)`: the answer is no such part.
 */
export function renewing(where, name, show, denied = (_status, to) => { if (to) location.assign(to); }) {
  let asking = false, again = false, later = 0;
  return async function renew() {
    if (asking) { again = true; return; }
    clearTimeout(later);
    asking = true;
    const { root, status, to } = await part(where());
    asking = false;
    const fresh = root?.querySelector(name);
    if (fresh) afterPress(() => show(fresh, root));
    else if (status === 0 || status >= 500) later = setTimeout(renew, AGAIN);
    else denied(status, to);
    if (again) { again = false; renew(); }
  };
}

export function notice(said, kind = "danger") {
  if (said) document.body.dispatchEvent(new CustomEvent("huifu:notice", { detail: { said, kind } }));
}
