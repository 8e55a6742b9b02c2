// The composer: judged while one writes, sent once, and nothing typed is ever lost: not by a refusal, not by a sign-out.
import { notice, post } from "./asks.js";
import { openDraft, rest } from "./drafts.js";
import { openReplies } from "./replies.js";
import { seal, settled } from "./tokens.js";

const WAIT = 300; // milliseconds without a key before the gate is asked
const AGAIN = 3000; // milliseconds until a gate that could not be asked is asked again
const one = (selector, root = document) => root.querySelector(selector);

export function openComposer({ id, renew, toEnd, state }) {
  const root = one("#composer"), words = one("#talk-words").dataset;
  const form = one("#reply"), text = one("#text"), note = one("#note"), noteText = one("#note-body");
  const drafts = [form && openDraft(form, text, `huifu.draft.${id}`), openDraft(note, noteText, `huifu.note.${id}`)].filter(Boolean);
  const sending = new Set();
  let timer = 0, judged = 0, allowed = true;
  const replies = form && openReplies({ root: one("#replies"), text, opener: one("#replies-open") });

  const isLocked = () => Boolean(state().locked);
  function keep() {
    for (const draft of drafts) draft.keep();
    text?.classList.toggle("has-words", Boolean(text.value));
  }

  // ---- what may be sent ----

  function obey(now) {
    if (!form) return;
    root.toggleAttribute("data-closed", now.standing !== "mine");
    one("#lock").hidden = !now.locked;
    one("[data-lock-words]").textContent = now.locked;
    text.readOnly = Boolean(now.locked);
    one("#code-button").disabled = Boolean(now.locked);
    one("#guide-open")?.toggleAttribute("hidden", Boolean(now.locked));
    const offer = one("[name=kind][value=offer]");
    if (now.noOffers && offer.checked) { one("[name=kind][value=service]").checked = true; soon(); }
    offer.disabled = Boolean(now.noOffers);
    one("#offer-choice").title = now.noOffers;
    one("#no-offers").hidden = !now.noOffers;
    one("#no-offers span").textContent = now.noOffers;
    settle();
  }
  function settle() {
    if (form) one("#send").disabled = isLocked() || sending.has(form) || !allowed || !text.value.trim();
  }

  // ---- the gate's verdict ----

  function soon() {
    keep();
    clearTimeout(timer);
    judged += 1;
    if (!text.value.trim()) { allowed = true; show({ reasons: [], size: "" }); return; }
    timer = setTimeout(judge, WAIT);
    settle();
  }
  async function judge() {
    const mine = judged;
    if (isLocked()) return;
    const answer = await post(form.dataset.judge, { text: text.value, kind: new FormData(form).get("kind") });
    if (answer.status === -1) { timer = setTimeout(judge, WAIT); return; }
    if (mine !== judged) return;
    if (answer.status === 401) signedOut(answer.to);
    else if (answer.status === 409) renew();
    else if (answer.json) { allowed = answer.json.allowed; show(answer.json); }
    else { // the words before these may have been refused: sending asks the gate as well
      allowed = true;
      show({ reasons: [], size: "" });
      if (answer.status === 0 || answer.status >= 500) timer = setTimeout(judge, AGAIN);
    }
  }
  function show({ reasons, size }) {
    one("#size").textContent = size;
    one("#verdict").replaceChildren(...reasons.map((reason) => {
      const line = document.createElement("li");
      line.className = `is-${reason.level}`;
      line.textContent = reason.said;
      if (reason.found) {
        const found = document.createElement("q");
        found.textContent = reason.found;
        line.append(found);
      }
      return line;
    }));
    settle();
  }

  // ---- sending ----

  /** A text or a note, once: `sent` is the form, and `field` has its words. */
  async function send(sent, field) {
    if (sending.has(sent) || sent.hasAttribute("aria-busy")) return;
    const words = field.value;
    const typed = judged;
    sending.add(sent);
    settle();
    seal(sent);
    const answer = await post(sent.action, new FormData(sent));
    sending.delete(sent);
    if (answer.status === 200 && answer.json) {
      settled(sent, answer.json.token);
      field.value = rest(field.value, words);
      if (sent === form) soon();
      else keep();
      await renew();
      toEnd();
      const at = document.activeElement; // whoever went elsewhere meanwhile is left there
      if (sent === form && (at === document.body || form.contains(at))) text.focus();
    } else if (answer.status === 422 && typed !== judged) {
      soon(); // it is said of words that are others by now
    } else if (answer.status === 422 && answer.json) {
      allowed = answer.json.allowed;
      show(answer.json);
    } else if (answer.status === 401) {
      signedOut(answer.to);
    } else {
      notice(answer.said, "warning");
      renew(); // taken or not: the thread tells
    }
    settle();
  }
  const sendText = () => { if (text.value.trim() && !isLocked()) send(form, text); };
  const sendNote = () => send(note, noteText);

  function signedOut(to) {
    keep();
    const line = one("#lock");
    line.hidden = false;
    one("[data-lock-words]").textContent = words.signedOut;
    if (to && !one("#lock a")) {
      const link = document.createElement("a");
      link.href = to;
      link.textContent = "→";
      link.className = "btn btn-primary btn-sm";
      line.append(link);
    }
  }

  // ---- tabs and keys ----

  function write(tab) {
    const choice = one(`[name=tab][value=${tab}]`);
    if (!choice) return;
    choice.checked = true;
    (tab === "note" ? noteText : text).focus();
  }

  root.addEventListener("click", (event) => { // not by arrows: they only choose
    const tab = event.target.closest(".compose-tab");
    if (!tab || event.target === tab.control) return;
    event.preventDefault();
    write(tab.control.value);
  });
  root.addEventListener("input", (event) => {
    if (event.target === noteText) keep();
    if (event.target !== text && event.target.name !== "kind") return;
    document.body.dispatchEvent(new CustomEvent("huifu:typing", { detail: { ticket: id } }));
    if (event.target === text && replies?.typed()) return;
    soon();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    if (event.target === text) sendText();
    else if (event.target === noteText) sendNote();
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target === form) sendText();
    else if (event.target === note) sendNote();
  });
  addEventListener("pagehide", keep);

  for (const draft of drafts) draft.restore();
  keep();
  obey(state());
  if (text?.value) soon();
  return { obey, signedOut, write, replies: () => { if (form && !isLocked()) { write("reply"); replies.open(); } } };
}
