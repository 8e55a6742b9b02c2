// The token under which words leave. The same words keep theirs, so that they leave once whatever became of the answer;
// other words get one of their own, or the server would take them for those before.

const nameOf = (form) => `huifu.sent.${form.getAttribute("action")}`;
const another = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** What was sent and never answered: {words, token, page}; `page` when the browser sent it and no script. */
export const tried = (form) => JSON.parse(sessionStorage.getItem(nameOf(form)) || "null");

/** Right before a form is sent; with `page` right after the browser has sent it. */
export function seal(form, page = "") {
  const said = new FormData(form), token = form.elements.token, before = tried(form);
  for (const own of ["token", "csrf_token"]) said.delete(own);
  const words = new URLSearchParams(said).toString();
  if (before && !page) token.value = before.words === words ? before.token : another();
  sessionStorage.setItem(nameOf(form), JSON.stringify({ words, token: token.value, page }));
}

/** The server has answered, or the words were given up: the next ones leave under another token. */
export function settled(form, token = "") {
  if (!token && !tried(form)) return;
  sessionStorage.removeItem(nameOf(form));
  form.elements.token.value = token || another();
}
