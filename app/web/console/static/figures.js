// Figures: read again when something happened, at most once in 5 seconds. Nothing is asked while nothing happens.
import { renewing } from "./asks.js";
import { setServerTime, startClocks, tick } from "./clocks.js";

const AT_MOST = 5000;
const PROMISE = 31000; // who waits now has waited too long then, and no event tells of it
const figures = () => document.getElementById("figures");
let read = Date.now();
let planned = 0;

function refresh() {
  planned = 0;
  read = Date.now();
  if (document.hidden) return; // read when somebody looks again
  renew();
}

function plan(within) {
  const at = Math.max(read + AT_MOST, Date.now() + within);
  if (planned && planned.at <= at) return;
  clearTimeout(planned?.timer);
  planned = { at, timer: setTimeout(refresh, at - Date.now()) };
}

const renew = renewing(() => figures().dataset.live, "#figures", (fresh) => {
  window.Idiomorph.morph(figures(), fresh);
  settle();
});

function settle() {
  setServerTime(figures().dataset.now);
  if (Number(figures().dataset.waiting)) plan(PROMISE);
  tick();
}

for (const what of ["huifu:ticket", "huifu:agents", "huifu:callbacks"]) {
  document.body.addEventListener(what, () => plan(0));
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) plan(0); });
settle();
startClocks();
