// Keeps a page live: hears what happens and says it to the page's other scripts as `huifu:*` events on the body.
//   huifu:ticket {id, html, gone, key} · huifu:talk {ticket} · huifu:presence {ticket, people: [{agent, typing}]}
//   huifu:agents · huifu:callbacks · huifu:settings · huifu:resync: too much was missed, load anew what you show
// It listens for huifu:typing {ticket}. A page that shows a ticket says so by `data-ticket` of the body.
import { token } from "./asks.js";
import { openCalls } from "./bell.js";

const box = document.getElementById("live-state");
const KINDS = ["ticket", "talk", "presence", "agents", "callbacks", "settings"];
const STREAMS = 3; // a browser has six connections to a server; tabs beyond these ask every few seconds
const TYPING_EVERY = 4000, TYPING_ENDS = 6000, ALIVE_EVERY = 20000;

let source = null, place = "", backOff = 5, timer = 0, told = 0, typedAt = 0, typing = 0, mayStream = false;
let tab = remembered("huifu.tab") || newTab();
const calls = openCalls(box.dataset);
const ticket = () => document.body.dataset.ticket || "";

function remembered(name) {
  try { return sessionStorage.getItem(name); } catch { return ""; }
}

function newTab() {
  const made = Math.random().toString(36).slice(2, 12);
  try { sessionStorage.setItem("huifu.tab", made); } catch { /* it is then a tab of its own at every page */ }
  return made;
}

function show(state) {
  if (box.dataset.state === state) return;
  box.dataset.state = state;
  box.querySelector("[data-said]").textContent = box.dataset[state];
  box.title = `${box.dataset[state]}. ${box.dataset[`${state}Told`]}`;
}

// ---- hearing ----

function tell(kind, detail = {}) {
  document.body.dispatchEvent(new CustomEvent(`huifu:${kind}`, { detail }));
}

function hear(kind, data) {
  if (kind === "stale") {
    for (const missed of ["resync", "agents", "callbacks", "settings"]) tell(missed);
    return;
  }
  tell(kind, data);
  if (kind === "ticket") calls.consider(data);
}

function stream() {
  const asked = new URLSearchParams({ since: box.dataset.made, tab });
  if (place) asked.set("after", place);
  const opened = source = new EventSource(`${box.dataset.events}?${asked}`);
  const on = (kind, act) => opened.addEventListener(kind, (event) => {
    place = event.lastEventId || place;
    act(JSON.parse(event.data));
  });
  on("hello", () => { clearTimeout(timer); backOff = 5; show("live"); });
  on("ping", () => alive());
  on("stale", () => hear("stale"));
  for (const kind of KINDS) on(kind, (data) => hear(kind, data));
  on("replaced", () => { // a copy of this tab took its name
    tab = newTab();
    opened.close();
    stream();
  });
  opened.addEventListener("error", () => {
    if (opened.readyState !== EventSource.CLOSED) { show("away"); return; } // the browser tries again by itself
    source = null; // full (503), a proxy's error, or signed out: asking tells which
    ask(Date.now() + backOff * 1000);
    backOff = Math.min(backOff * 2, 120);
  });
}

/** Asks every few seconds until it is time to try for a stream again. */
async function ask(streamAt) {
  const asked = new URLSearchParams(place ? { after: place, since: box.dataset.made } : { since: box.dataset.made });
  let wait = 5;
  try {
    const answer = await fetch(`${box.dataset.changes}?${asked}`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status === 401) { over(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const heard = await answer.json();
    wait = heard.wait;
    place = heard.after;
    show("asking");
    for (const { event, data } of heard.messages) hear(event, data);
    if (Date.now() - told > ALIVE_EVERY) alive();
  } catch {
    show("away");
  }
  timer = setTimeout(() => (mayStream && Date.now() >= streamAt ? stream() : ask(streamAt)), wait * 1000);
}

function over() {
  clearTimeout(timer);
  source?.close();
  source = null;
  show("over");
}

// ---- telling ----

async function alive(more = {}) {
  told = Date.now();
  const looks = document.visibilityState === "visible" || more.left;
  const body = new URLSearchParams({ ticket: looks ? ticket() : "", typing: typing && looks ? "1" : "", ...more });
  const headers = { "X-CSRFToken": token(), Accept: "application/json" };
  try {
    const answer = await fetch(box.dataset.alive, { method: "POST", body, headers, keepalive: Boolean(more.left) });
    if (answer.status === 401) over();
  } catch { /* the next ping asks again */ }
}

document.body.addEventListener("huifu:typing", () => {
  clearTimeout(typing);
  typing = setTimeout(() => { typing = 0; typedAt = 0; alive(); }, TYPING_ENDS);
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  alive();
});
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") alive(); });
window.addEventListener("pagehide", () => {
  if (ticket()) alive({ left: "1", typing: "" });
  source?.close();
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

/** Runs `go` holding one of the streams that this browser may have; without them it may not stream, only ask. */
async function withStream(go) {
  if (!navigator.locks) { go(true); return; }
  for (let number = 0; number < STREAMS; number += 1) {
    const got = await new Promise((tellGot) => {
      navigator.locks.request(`huifu.stream.${number}`, { ifAvailable: true }, (lock) => {
        tellGot(Boolean(lock));
        return lock ? new Promise(() => {}) : null; // held until the page is left
      });
    });
    if (got) { go(true); return; }
  }
  go(false);
}

box.hidden = false;
withStream((may) => {
  mayStream = may;
  if (may) stream();
  else ask(Infinity);
  alive();
});
