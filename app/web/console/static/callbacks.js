// The day's callbacks: how long until each is due, by the server's time, and the list anew when one changed.
import { renewing } from "./asks.js";
import { now, setServerTime, startClocks, tick } from "./clocks.js";
import { keys, picked } from "./keys.js";

const list = () => document.getElementById("callbacks");
const calling = list().dataset.calling;
const MINUTE = 60000;
const MOODS = { waits: "", soon: "calm", now: "warn", late: "bad" };
let leaving = false; // a form was sent: the page that follows must not be overtaken by a reload

/** 12 min · 3 h 5 min · 2 d, in the words of the page. Begun minutes count when it is ahead, full ones when it is over. */
function span(milliseconds, round) {
  const { minutes, hours, days } = list().dataset;
  const all = Math.max(round === Math.ceil ? 1 : 0, round(milliseconds / MINUTE));
  if (all < 60) return minutes.replace("{m}", all);
  if (all < 24 * 60) return hours.replace("{h}", Math.floor(all / 60)).replace("{m}", all % 60);
  return days.replace("{d}", Math.floor(all / (24 * 60)));
}

function stage(row) {
  const moment = now();
  if (moment < Date.parse(row.dataset.opens)) return "waits";
  if ("missed" in row.dataset || moment >= Date.parse(row.dataset.until)) return "late";
  return moment < Date.parse(row.dataset.from) ? "soon" : "now";
}

function say(row, at) {
  const told = list().dataset;
  const from = Date.parse(row.dataset.from);
  const until = Date.parse(row.dataset.until);
  if (at === "late") return told.late.replace("{time}", span(now() - until, Math.floor));
  if (at === "now") return `${told.due}, ${told.left.replace("{time}", span(until - now(), Math.ceil))}`;
  return told.in.replace("{time}", span(from - now(), Math.ceil));
}

function tickCalls() {
  for (const row of document.querySelectorAll(".call[data-stage]")) {
    const clock = row.querySelector("[data-clock]");
    if (!clock) continue;
    const at = stage(row);
    const said = say(row, at);
    if (clock.textContent !== said) clock.textContent = said;
    if (row.dataset.stage === at) continue;
    row.classList.replace(`call-${row.dataset.stage}`, `call-${at}`);
    row.dataset.stage = at;
    clock.className = `pill ${MOODS[at]}`.trim();
    const start = row.querySelector("[data-open]");
    start.disabled = at === "waits";
    start.classList.toggle("btn-primary", at === "now" || at === "late");
    start.classList.toggle("btn-quiet", at === "waits" || at === "soon");
  }
}

function show(fresh) {
  if (leaving) return;
  const held = picked()?.id; // the new list does not know of it
  window.Idiomorph.morph(list(), fresh);
  if (held) document.getElementById(held)?.classList.add("picked");
  setServerTime(list().dataset.now);
  // The open call ended without this page: cancelled by the customer, or told elsewhere. Its box is no part of the list.
  if (list().dataset.calling !== calling) location.reload();
  tick();
  tickCalls();
}

document.body.addEventListener("huifu:callbacks", renewing(() => list().dataset.live, "#callbacks", show));
document.addEventListener("submit", (event) => { leaving ||= !event.defaultPrevented; });
keys({ c: () => picked()?.querySelector("[data-open]:not(:disabled)")?.click() });
setServerTime(list().dataset.now);
startClocks(tickCalls);
