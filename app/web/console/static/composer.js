// The composer: judged while one writes, sent once, and nothing typed is ever lost: not by a refusal, not by a sign-out.
import { notice, post } from "./asks.js";
import { openReplies } from "./replies.js";

const WAIT = 300; // milliseconds without a key before the gate is asked
const one = (selector, root = document) => root.querySelector(selector);

export function openComposer({ id, renew, toEnd, state }) {
  const root = one("#composer"), words = one("#talk-words").dataset;
  const form = one("#reply"), text = one("#text"), note = one("#note"), noteText = one("#note-body");
  const kept = { reply: `huifu.draft.${id}`, note: `huifu.note.${id}` };
  let timer = 0, judged = 0, allowed = true, sending = false;
  const replies = form && openReplies({ root: one("#replies"), text, opener: one("#replies-open") });

  // ---- drafts ----

  const isLocked = () => Boolean(state().locked);
  function keep() {
    if (text) text.value ? sessionStorage.setItem(kept.reply, text.value) : sessionStorage.removeItem(kept.reply);
    noteText.value ? sessionStorage.setItem(kept.note, noteText.value) : sessionStorage.removeItem(kept.note);
    text?.classList.toggle("has-words", Boolean(text.value));
  }
  function restore() {
    if (text && !text.value) text.value = sessionStorage.getItem(kept.reply) || "";
    if (!noteText.value) noteText.value = sessionStorage.getItem(kept.note) || "";
    keep();
  }

  // ---- what may be sent ----

  function obey(now) {
    if (!form) return;
    root.toggleAttribute("data-closed", now.standing !== "mine");
    one("#lock").hidden = !now.locked;
    one("[data-lock-words]").textContent = now.locked;
    text.readOnly = Boolean(now.locked);
    one("#code-button").disabled = Boolean(now.locked);
    const offer = one("[name=kind][value=offer]");
    if (now.noOffers && offer.checked) { one("[name=kind][value=service]").checked = true; soon(); }
    offer.disabled = Boolean(now.noOffers);
    one("#offer-choice").title = now.noOffers;
    one("#no-offers").hidden = !now.noOffers;
    one("#no-offers span").textContent = now.noOffers;
    settle();
  }
  function settle() {
    one("#send").disabled = isLocked() || sending || !allowed || !text.value.trim();
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

  async function send() {
    if (sending || !text.value.trim() || isLocked()) return;
    sending = true;
    settle();
    const answer = await post(form.action, new FormData(form));
    sending = false;
    if (answer.status === 200 && answer.json) {
      form.elements.token.value = answer.json.token;
      text.value = "";
      soon();
      await renew();
      toEnd();
      text.focus();
    } else if (answer.status === 422 && answer.json) {
      allowed = answer.json.allowed;
      show(answer.json);
    } else if (answer.status === 401) {
      signedOut(answer.to);
    } else if (answer.status !== -1) {
      notice(answer.said, "warning");
      renew();
    }
    settle();
  }
  async function sendNote() {
    const answer = await post(note.action, new FormData(note));
    if (answer.status === 200) {
      noteText.value = "";
      keep();
      await renew();
      toEnd();
    } else if (answer.status === 401) signedOut(answer.to);
    else if (answer.status !== -1) notice(answer.said, "warning");
  }

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
    for (const button of root.querySelectorAll("[data-tab]")) button.setAttribute("aria-pressed", String(button.dataset.tab === tab));
    for (const pane of root.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== tab;
    (tab === "note" ? noteText : text)?.focus();
  }

  root.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (tab) write(tab.dataset.tab);
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
    if (event.target === text) send();
    else if (event.target === noteText) sendNote();
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target === form) send();
    else if (event.target === note) sendNote();
  });
  addEventListener("pagehide", keep);

  restore();
  obey(state());
  if (text?.value) soon();
  return { obey, signedOut, write, replies: () => { if (form && !isLocked()) { write("reply"); replies.open(); } } };
}
