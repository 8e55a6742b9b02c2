// Calls the person before the page when somebody waits or texts: the title, a short tone, a desktop notification. Tone
// and notification are off until they are switched on, on this machine.
import { notice } from "./asks.js";
import { fits, me } from "./me.js";

const bell = document.getElementById("live-calls");
const KEYS = { sound: "huifu.sound", notices: "huifu.notices" };
const title = document.title;

export function openCalls({ made, waiting, texted, blocked }) {
  const unseen = new Set(), called = new Map();
  let sound = null;

  const isOn = (what) => localStorage.getItem(KEYS[what]) === "yes";
  const isFree = (row) => !row.meant_for || row.meant_for === me || (row.offered_until && row.offered_until < Date.now());

  /** When to call because of a row: the moment that it is about, or 0. */
  function cause(row) {
    if (row.gone) return 0;
    if (row.state === "claimed") return row.agent === me && row.unread ? row.texted : 0;
    if (row.meant_for === me) return row.since;
    return row.kind === "talk" && isFree(row) && fits(row) ? row.since : 0;
  }

  function consider(row) {
    const moment = cause(row);
    if (!moment) {
      unseen.delete(row.id);
    } else if (moment > Number(made) && (called.get(row.id) || 0) < moment) {
      // What was there when the page was made is seen by whoever opened it.
      called.set(row.id, moment);
      if (document.visibilityState !== "visible") unseen.add(row.id);
      if (row.state === "claimed" && row.id === Number(document.body.dataset.ticket) && document.hasFocus()) return;
      call(row.state === "claimed" ? texted : waiting);
    }
    badge();
  }

  function badge() {
    document.title = unseen.size ? `(${unseen.size}) ${title}` : title;
  }

  function call(words) {
    // Of several tabs one makes the noise.
    if (Date.now() - Number(localStorage.getItem("huifu.rang") || 0) < 1500) return;
    localStorage.setItem("huifu.rang", String(Date.now()));
    if (isOn("sound")) tone();
    // No name and no words of a customer: it lies on top of whatever else is on the screen.
    if (isOn("notices") && "Notification" in window && Notification.permission === "granted" && !document.hasFocus()) {
      const shown = new Notification(words, { body: title, tag: "huifu", icon: document.querySelector("link[rel=icon]").href });
      shown.onclick = () => { window.focus(); shown.close(); };
    }
  }

  function tone() {
    sound ||= new AudioContext();
    if (sound.state === "suspended") sound.resume().catch(() => {});
    for (const [pitch, after] of [[740, 0], [988, 0.14]]) {
      const voice = sound.createOscillator(), level = sound.createGain(), begins = sound.currentTime + after;
      voice.frequency.value = pitch;
      level.gain.setValueAtTime(0.0001, begins);
      level.gain.exponentialRampToValueAtTime(0.18, begins + 0.02);
      level.gain.exponentialRampToValueAtTime(0.0001, begins + 0.28);
      voice.connect(level).connect(sound.destination);
      voice.start(begins);
      voice.stop(begins + 0.3);
    }
  }

  async function toggle(what) {
    const on = !isOn(what);
    if (on && what === "notices") {
      const allowed = "Notification" in window && (await Notification.requestPermission()) === "granted";
      if (!allowed) {
        notice(blocked, "warning");
        return;
      }
    }
    localStorage.setItem(KEYS[what], on ? "yes" : "");
    if (on && what === "sound") tone();
    showSwitches();
  }

  function showSwitches() {
    for (const button of bell.querySelectorAll("[data-call]")) button.setAttribute("aria-pressed", String(isOn(button.dataset.call)));
    bell.toggleAttribute("data-on", isOn("sound") || isOn("notices"));
  }

  // A browser plays nothing before the person has touched the page.
  const wake = () => { if (isOn("sound")) { sound ||= new AudioContext(); sound.resume().catch(() => {}); } };
  for (const touched of ["pointerdown", "keydown"]) document.addEventListener(touched, wake, { once: true });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    unseen.clear();
    badge();
  });
  window.addEventListener("storage", showSwitches);
  bell.addEventListener("click", (event) => {
    const button = event.target.closest("[data-call]");
    if (button) toggle(button.dataset.call);
  });
  bell.hidden = false;
  showSwitches();
  return { consider };
}
