// Clocks that tick by the server's time: how long somebody waits, and how long something still holds.

let ahead = 0; // milliseconds by which the server's clock is ahead of this machine's

export const setServerTime = (iso) => { if (iso) ahead = Date.parse(iso) - Date.now(); };
export const now = () => Date.now() + ahead;

/** 42s · 3:05 · 2:14:09 · 3d */
export function spell(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 1440)}d`;
}

const SOON = 2 / 3; // of the promise: 20 of 30 seconds

function tickWait(clock) {
  const since = Date.parse(clock.dataset.since);
  if (Number.isNaN(since)) return;
  const age = now() - since;
  const said = spell(age);
  const words = clock.querySelector(".clock-age");
  if (words.textContent !== said) words.textContent = said;
  const promise = Number(clock.dataset.promise) * 1000;
  if (!promise) return;
  const share = Math.min(1, Math.max(0, age / promise));
  const stage = share >= 1 ? "late" : share >= SOON ? "soon" : "good";
  if (clock.dataset.stage !== stage) clock.dataset.stage = stage;
  if (stage !== "late" || !clock.dataset.full) {
    clock.querySelector(".clock-fill")?.setAttribute("stroke-dasharray", `${share * 100} 100`);
    clock.dataset.full = stage === "late" ? "yes" : "";
  }
}

function tickAge(clock) {
  const said = spell(now() - Date.parse(clock.dataset.since));
  if (clock.textContent !== said) clock.textContent = said;
}

function tickUntil(clock) {
  const left = Date.parse(clock.dataset.until) - now();
  clock.textContent = left > 0 ? spell(left + 999) : "0s";
  if (left <= 0 && !clock.dataset.over) {
    clock.dataset.over = "yes";
    clock.dispatchEvent(new CustomEvent("huifu:over", { bubbles: true }));
  }
}

export function tick() {
  for (const clock of document.querySelectorAll(".clock[data-since]")) tickWait(clock);
  for (const clock of document.querySelectorAll(".age[data-since]")) tickAge(clock);
  for (const clock of document.querySelectorAll(".countdown[data-until]")) tickUntil(clock);
}

export function startClocks(each = () => {}) {
  const beat = () => { tick(); each(); };
  beat();
  setInterval(beat, 1000);
}
