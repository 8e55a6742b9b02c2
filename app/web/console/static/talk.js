// One talk: it renews itself when something happened, keeps what is open and typed, and counts down what still holds.
import { notice, part, post, renewing } from "./asks.js";
import { setServerTime, startClocks, tick } from "./clocks.js";
import { openComposer } from "./composer.js";
import { keys, picked } from "./keys.js";
import { me } from "./me.js";
import { seal, settled } from "./tokens.js";

const one = (selector, root = document) => root.querySelector(selector);
const talk = one("#talk");
const id = Number(document.body.dataset.ticket);
const state = () => one("#talk-state").dataset;
const transcript = () => one("#transcript");
const made = state().standing; // as the page was made: who may do what stands in half of it
let acting = false;
const ENOUGH = 80; // pixels from the end that still count as the end

const atEnd = () => { const list = transcript(); return list.scrollHeight - list.scrollTop - list.clientHeight < ENOUGH; };
const toEnd = () => { const list = transcript(); list.scrollTop = list.scrollHeight; one("#to-end").hidden = true; };

// ---- renewing ----

const LIVE = ["talk-state", "talk-mine", "transcript", "standing"];
const keepOpen = { callbacks: {
  beforeAttributeUpdated: (name, node) => !(node.tagName === "DETAILS" && name === "open"),
  // Pages above, which were fetched on demand, are not part of the answer and stay.
  beforeNodeRemoved: (node) => !(node instanceof Element && node.dataset.above),
} };
const where = () => talk.dataset.live + (document.visibilityState === "visible" ? "" : "?looks=no");
const renew = renewing(where, "#talk-state", show, denied);

function denied(status, to) {
  if (status === 401) composer.signedOut(to);
  else if (to) location.assign(to);
  else if ((status === 403 || status === 404) && !acting) gone();
}

function show(_state, root) {
  const stay = !atEnd(), before = one("#last").previousElementSibling?.id;
  for (const name of LIVE) {
    const fresh = root.querySelector(`#${name}`);
    if (fresh) window.Idiomorph.morph(one(`#${name}`), fresh, keepOpen);
  }
  if (one("[data-above]")) one("#earlier:not([data-above])")?.remove();
  setServerTime(state().now);
  tick();
  composer.obey(state());
  // Who may do what has changed, and with it half of the page. What was typed is kept.
  // An act of one's own that is under way leads elsewhere by itself.
  if (made !== state().standing && !acting) { location.reload(); return; }
  if (!stay) toEnd();
  else if (one("#last").previousElementSibling?.id !== before) one("#to-end").hidden = false;
}

/** Somebody else has closed it: it cannot be opened any more, but what was typed must not vanish. */
function gone() {
  Object.assign(state(), { locked: one("#talk-words").dataset.gone, standing: "closed" });
  composer.obey(state());
}

async function earlier(link) {
  if (link.hasAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  const { root, status, to } = await part(link.href);
  link.removeAttribute("aria-busy");
  if (!root) {
    if (status === 401) composer.signedOut(to);
    else notice(one("#notices").dataset[status ? "failed" : "unreachable"]);
    return;
  }
  const list = transcript(), height = list.scrollHeight;
  link.closest("li").remove();
  for (const item of root.children) item.dataset.above = "yes";
  list.prepend(root);
  list.scrollTop += list.scrollHeight - height;
}

// ---- who else is here ----

function showPeople(people) {
  const box = one("#people"), others = people.filter((person) => person.agent !== me);
  const said = others.map((person) => (person.typing ? box.dataset.types : box.dataset.looks).replace("%s", person.agent));
  box.replaceChildren(...said.map((words, at) => {
    const line = document.createElement("span");
    line.className = others[at].typing ? "person is-typing" : "person";
    line.textContent = words;
    return line;
  }));
  one("#compose-people").textContent = said.join(" · ");
}

// ---- dialogs, facts, claiming ----

async function send(form, submitter, key = form.action) {
  const place = form.querySelector(".box-refused");
  if (form.elements.token) seal(form);
  acting = true;
  if (place) { form.setAttribute("aria-busy", "true"); place.hidden = true; } // as a form that the browser sends: see once.js
  const answer = await post(form.action, new FormData(form, submitter), key);
  if (answer.status === -1) return;
  if (answer.to && answer.status !== 401) { location.assign(answer.to); return; }
  form.removeAttribute("aria-busy");
  acting = false;
  if (answer.status === 401) { composer.signedOut(answer.to); return; }
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.json?.token) {
      form.reset();
      settled(form, answer.json.token);
    }
    form.closest("dialog")?.close();
    renew();
    return answer;
  }
  if (place && form.closest("dialog").open) { place.textContent = answer.said; place.hidden = false; } else notice(answer.said, "warning");
}

async function reveal(form, button) {
  const answer = await send(form, button, `${form.action}#${button.value}`);
  if (!answer?.json) return;
  one(`#fact-${button.value}`).textContent = answer.json.value;
  button.remove();
}

async function claim() {
  if (acting || one("#claim").hasAttribute("aria-busy")) return;
  acting = true;
  const answer = await post(one("#claim").action);
  if (answer.to) { location.assign(answer.to); return; }
  acting = false;
  notice(answer.said, "warning");
  renew();
}

/** A link that was followed before this script was there has opened its dialog by the address, where nothing closes it. */
function takeOver() {
  const opened = one("dialog.box:target");
  if (!opened) return;
  location.replace("#");
  opened.showModal();
}

function askSlot(select) {
  const wanted = select.selectedOptions[0].dataset.slot;
  for (const slot of select.form.querySelectorAll(".slot")) slot.classList.toggle("is-asked", slot.dataset.slot === wanted);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#box-']");
  if (link) { event.preventDefault(); one(link.getAttribute("href")).showModal(); return; }
  const close = event.target.closest("[data-close]");
  if (close) { event.preventDefault(); close.closest("dialog").close(); return; }
  const above = event.target.closest("[data-earlier]");
  if (above) { event.preventDefault(); earlier(above); return; }
  if (event.target.closest("#to-end")) toEnd();
  if (event.target.closest("[data-claim-here]")) { event.preventDefault(); claim(); }
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "reveal") { event.preventDefault(); reveal(form, event.submitter); }
  else if (form.matches("[data-box], #ask-code")) { event.preventDefault(); send(form, event.submitter); }
});
document.addEventListener("change", (event) => { if (event.target.id === "release-flow") askSlot(event.target); });
document.addEventListener("huifu:over", (event) => { if (event.target.closest("#standing")) renew(); });
addEventListener("hashchange", takeOver);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") renew(); });
document.body.addEventListener("huifu:talk", (event) => { if (event.detail.ticket === id) renew(); });
document.body.addEventListener("huifu:resync", renew);
document.body.addEventListener("huifu:ticket", (event) => {
  // Another conversation of mine came, went, or has something unread.
  if (event.detail.id === id || one(`#mine-${event.detail.id}`) || (event.detail.html || "").includes(`data-agent="${CSS.escape(me)}"`)) renew();
});
document.body.addEventListener("huifu:presence", (event) => { if (event.detail.ticket === id) showPeople(event.detail.people); });

const composer = openComposer({ id, renew, toEnd, state });
const size = new ResizeObserver(([entry]) => {
  const stay = atEnd(); // a verdict that appears must not push the last words out of sight
  talk.style.setProperty("--composer", `${entry.target.offsetHeight}px`);
  if (stay) toEnd();
});
size.observe(one("#composer"));
setServerTime(state().now);
startClocks();
toEnd();
takeOver();
keys({
  c: () => { if (one("[data-claim-here]")) claim(); },
  g: () => one("[data-back]").click(),
  r: () => composer.write("reply"),
  n: () => composer.write("note"),
  "/": () => composer.replies(),
  Escape: () => { if (picked()) picked().classList.remove("picked"); },
});
