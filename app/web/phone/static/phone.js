// The phone: asks for what is new, shows it, and posts what is pressed. Everything that is shown comes from the server.
"use strict";

const EVERY = 700; // milliseconds between two questions while the page can be seen
const $ = (id) => document.getElementById(id);
const told = JSON.parse($("told").textContent);
const phone = document.body.dataset.phone;
const DRAFT = `huifu.phone.${phone}`;
const thread = $("thread");
const write = $("write");
const clock = new Intl.DateTimeFormat(told.language, { hour: "2-digit", minute: "2-digit", hour12: false });

let revision = "";
let first = true;
let timer = 0;
let asking = false;
let again = false;
let lost = false;
let state = { switched_on: true, blocked: false };

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const sized = (parts, units) =>
  `${fill(parts === 1 ? told.part : told.parts, { n: parts })} · ${fill(told.units, { n: units })}`;

// ---- asking -------------------------------------------------------------------------------------------------

async function ask() {
  if (asking) { again = true; return; }
  clearTimeout(timer);
  if (document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(`api/texts?${new URLSearchParams({ phone, after: revision })}`);
    if (!answer.ok) throw new Error(answer.status);
    if (lost) notify(told.back);
    lost = false;
    const found = await answer.json();
    if (found.texts) show(found);
    revision = found.revision;
  } catch (error) {
    if (!lost) notify(told.gone);
    lost = true;
  } finally {
    asking = false;
    if (again) { again = false; ask(); } else timer = setTimeout(ask, lost ? 3 * EVERY : EVERY);
  }
}

async function post(path, asked) {
  try {
    const answer = await fetch(`api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ phone, ...asked }),
    });
    if (answer.status === 409) notify(told.off);
    else if (!answer.ok) notify(told.failed);
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    notify(told.failed);
    return null;
  } finally {
    ask();
  }
}

function notify(words) {
  $("notice").textContent = words;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { $("notice").textContent = ""; }, 5000);
}

// ---- showing ------------------------------------------------------------------------------------------------

function show(found) {
  state = found;
  const low = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  const shown = new Map([...thread.children].map((item) => [item.dataset.id, item]));
  let mine = false;
  for (const text of found.texts) {
    const item = shown.get(text.id) || blank("bubble");
    const arrives = text.ours && text.arrived && !item.dataset.arrived;
    mine ||= !text.ours && !item.dataset.id;
    if (!item.dataset.id && !first) item.classList.add("fresh");
    if (text.ours && !item.dataset.id) disarm();
    if (arrives && !first) $("heard").textContent = told.said + text.body;
    paint(item, text);
    thread.append(item); // also puts it where the order of this answer wants it
    shown.delete(text.id);
  }
  for (const item of shown.values()) item.remove();
  $("empty").hidden = found.texts.length > 0;
  showState();
  showChips(found);
  if (first || low || mine) thread.scrollTop = thread.scrollHeight; // after the chips: more of them leave it less room
  first = false;
  showTurns(found.turns);
}

function blank(name) {
  return $(name).content.firstElementChild.cloneNode(true);
}

function paint(item, text) {
  item.dataset.id = text.id;
  item.dataset.arrived = text.arrived ? "yes" : "";
  item.classList.toggle("ours", text.ours);
  item.classList.toggle("away", text.ours && !text.arrived);
  setBody(item.querySelector(".body"), text.body);
  const time = item.querySelector("time");
  time.dateTime = new Date(text.at).toISOString();
  time.textContent = clock.format(new Date(text.at));
  item.querySelector(".size").textContent = sized(text.parts, text.units);
  const tick = item.querySelector(".tick");
  tick.hidden = text.tick === "none";
  if (tick.hidden) return;
  tick.className = `tick ${text.tick}`;
  tick.querySelector("use").setAttribute("href", `#${text.tick}`);
  const why = [told.reasons[text.reason] || text.reason.replaceAll("_", " "), text.code].filter(Boolean).join(" ");
  tick.querySelector(".word").textContent = told.ticks[text.tick] + (why ? ` · ${why}` : "");
}

// As on a handset: an address can be opened.
function setBody(place, body) {
  if (place.textContent === body) return;
  place.replaceChildren(...body.split(/(https?:\/\/[!-~]*[\w/])/).map((part, at) => {
    if (at % 2 === 0) return part;
    const link = document.createElement("a");
    Object.assign(link, { href: part, textContent: part, target: "_blank", rel: "noopener noreferrer" });
    return link;
  }));
}

function showState() {
  const words = !state.switched_on ? told.off : state.blocked ? told.blocked : told.on;
  if ($("state").textContent !== words) $("state").textContent = words;
  document.body.classList.toggle("off", !state.switched_on);
  document.body.classList.toggle("blocked", state.blocked);
  for (const [name, pressed] of [["off", !state.switched_on], ["block", state.blocked]]) {
    const button = document.querySelector(`[data-do="${name}"]`);
    button.setAttribute("aria-pressed", pressed);
    button.firstElementChild.textContent = pressed ? button.dataset.off : button.dataset.on;
  }
  for (const part of [write, ...$("composer").querySelectorAll("button"), ...$("chips").children]) {
    part.disabled = !state.switched_on;
  }
}

function showChips(found) {
  const starters = told.starters[found.language] || told.starters[told.language];
  const offered = found.answers.map(([send, label]) => ({ send, label: label ? `${send} ${label}` : `${told.code} ${send}` }));
  const chips = [...offered, ...starters.map((send) => ({ send, label: send, start: true }))];
  const key = JSON.stringify(chips);
  if ($("chips").dataset.key === key) return;
  $("chips").dataset.key = key;
  $("chips").replaceChildren(...chips.map(({ send, label, start }) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = start ? "start" : "answer";
    chip.textContent = label;
    chip.disabled = !state.switched_on;
    chip.addEventListener("click", () => once(`chip ${send}`, () => post("texts", { bodies: [send] })));
    return chip;
  }));
  $("chips").scrollLeft = 0;
}

function showTurns(turns) {
  $("no-turns").hidden = turns.length > 0;
  $("turns").replaceChildren(...turns.map((turn) => {
    const item = blank("turn");
    item.querySelector("b").textContent = told.events[turn.event] || turn.event;
    item.querySelector("time").textContent = clock.format(new Date(turn.at));
    item.querySelector(".meaning").classList.toggle("read", Boolean(turn.meaning));
    item.querySelector("code").textContent = turn.meaning;
    item.querySelector(".meaning span").textContent = turn.score === null ? "" : `${told.score} ${turn.score.toFixed(2)}`;
    item.querySelector(".path").textContent = turn.path.join(" > ");
    // A turn that goes on to ask the bank has a path and no text yet: that is no silence.
    const silent = turn.message === null && !turn.path.length ? told.silent : "";
    const sent = [told.states[turn.state], told.reasons[turn.reason] || turn.reason, turn.code];
    const why = [...turn.reasons, ...turn.notes, ...sent, silent];
    item.querySelector(".reasons").textContent = why.filter(Boolean).join(" · ");
    return item;
  }));
}

// ---- pressing -----------------------------------------------------------------------------------------------

const typed = () => write.value.trim() || told.starters[told.language][0];
const second = () => document.querySelector('[data-do="together"]').dataset.second;

const pressed = new Set();

/** A second press while the first is under way is a slow line, and no second wish; `button` shows that it waits. */
async function once(name, act, button = null) {
  if (pressed.has(name)) return;
  pressed.add(name);
  button?.setAttribute("aria-disabled", true);
  await act();
  button?.removeAttribute("aria-disabled");
  pressed.delete(name);
}

/** Posts `bodies`, and empties the field at once: what is typed meanwhile is the next text. What did not go comes back. */
async function give(bodies, more = {}) {
  const words = write.value;
  write.value = "";
  measure();
  if (await post("texts", { bodies, ...more })) return;
  write.value = [words, write.value].filter(Boolean).join("\n");
  measure();
}

const PRESSES = {
  twice: () => give([typed()], { copies: 2 }),
  together: () => give([typed(), second()]),
  off: () => (state.switched_on
    ? give([typed()], { then_off: true })
    : post("handset", { on: true })),
  block: () => (state.blocked ? post("texts", { bodies: ["START"] }) : post("handset", { blocked: true })),
};

// What was waiting for the bank's next text has met it.
function disarm() {
  for (const button of document.querySelectorAll("[data-fault]")) button.setAttribute("aria-pressed", false);
}

function send() {
  if (write.value.trim()) give([write.value.trim()]);
}

function measure() {
  clearTimeout(measure.timer);
  const body = write.value.trim();
  if (!body) { $("size").textContent = ""; return; }
  measure.timer = setTimeout(async () => {
    const found = await fetch("api/size", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ body }),
    }).then((answer) => answer.json()).catch(() => null);
    if (found && write.value.trim() === body) $("size").textContent = sized(found.parts, found.units);
  }, 120);
}

for (const button of document.querySelectorAll("[data-do]")) {
  const { do: name, name: words } = button.dataset;
  const act = PRESSES[name] || (async () => {
    if (button.getAttribute("aria-pressed") === "true" || !(await post("faults", { fault: name }))) return;
    button.setAttribute("aria-pressed", true);
    notify(fill(told.armed, { value: words }));
  });
  button.addEventListener("click", () => once(name, act, button));
}
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    document.body.dataset.pane = button.dataset.show;
    for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === button);
    thread.scrollTop = thread.scrollHeight;
  });
}
$("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
write.addEventListener("input", measure);
write.addEventListener("keydown", (event) => {
  // Enter also ends the choice of a Chinese character: only what is not being composed is sent.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  send();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
addEventListener("pagehide", () => sessionStorage.setItem(DRAFT, write.value));
write.value ||= sessionStorage.getItem(DRAFT) || "";
measure();
for (const button of document.querySelectorAll("button:disabled")) button.disabled = false; // a press does something now
ask();
