// The queue: pushed rows find their list, clocks tick, one key claims. The rows are the same for everybody; which list
// one stands in depends on who looks.
import { notice, post, renewing } from "./asks.js";
import { now, setServerTime, spell, startClocks, tick } from "./clocks.js";
import { keys, pick, picked } from "./keys.js";
import { fits, me } from "./me.js";
import { afterPress } from "./press.js";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const FITS = "huifu.fits";
let queue, partial, fitsOnly;

function begin() {
  queue = one("#queue");
  partial = queue.dataset.partial === "yes";
  setServerTime(queue.dataset.now);
  settle();
}

const isOffered = (row) => row.dataset.state === "waiting" && row.dataset.meantFor === me
  && (!row.dataset.offeredUntil || Date.parse(row.dataset.offeredUntil) > now());
const fitsMe = ({ dataset }) => fits({ needs: dataset.team || dataset.topic, language: dataset.language });

function listOf(row) {
  const { state, agent, kind } = row.dataset;
  if (state === "claimed") return agent === me ? one("#q-mine [data-list]") : one("[data-section=others][data-list]");
  return one(kind === "flag" ? "#q-flags [data-list]" : "#q-talks [data-list]");
}

/** Takes its place by the order in which it is served. A row beyond those that this page shows only counts. */
function insert(row) {
  const list = listOf(row);
  const after = [...list.children].find((other) => other.dataset.key > row.dataset.key);
  if (!after && partial && list.closest("#q-talks")) return false;
  list.insertBefore(row, after || null);
  return true;
}

function hear({ id, html, gone }) {
  const before = one(`#ticket-${CSS.escape(String(id))}`);
  const wasPicked = before?.classList.contains("picked");
  const neighbour = before?.nextElementSibling || before?.previousElementSibling;
  const hadFocus = before?.contains(document.activeElement);
  before?.remove();
  one(`[data-offer="${CSS.escape(String(id))}"]`)?.remove();
  let row = null;
  if (!gone && html) {
    const held = document.createElement("template");
    held.innerHTML = html;
    row = held.content.querySelector(".q-row");
    if (row && insert(row)) {
      if (!before) row.classList.add("came");
      if (isOffered(row)) offer(row);
    }
  }
  if (wasPicked) hadFocus ? pick(row?.isConnected ? row : neighbour) : (row || neighbour)?.classList.add("picked");
  settle();
}

function offer(row) {
  const card = one("#offer-card").content.firstElementChild.cloneNode(true);
  card.dataset.offer = row.dataset.id;
  one("[data-offer-who]", card).textContent = one(".q-open", row).textContent;
  one("[data-offer-topic]", card).textContent = one(".tag-topic", row).textContent;
  const left = one("[data-offer-left]", card);
  if (row.dataset.offeredUntil) left.dataset.until = row.dataset.offeredUntil;
  else left.remove();
  one("[data-claim]", card).setAttribute("formaction", one("[data-claim]", row).getAttribute("formaction"));
  one("#q-offers").append(card);
}

/** Counts, empty words, the filter and the summary, after anything changed. */
function settle() {
  for (const name of ["mine", "talks", "flags"]) {
    const section = one(`#q-${name}`);
    const rows = all(".q-row", section);
    let hidden = 0;
    for (const row of rows) {
      row.hidden = name !== "mine" && fitsOnly && !fitsMe(row) && !isOffered(row);
      hidden += row.hidden;
    }
    const unshown = name === "talks" ? Number(one("[data-unshown]", section)?.dataset.unshown || 0) : 0;
    one("[data-count]", section).textContent = rows.length + unshown;
    section.hidden = !rows.length && name !== "talks";
    if (name !== "talks") continue;
    one("[data-empty]", section).hidden = rows.length - hidden > 0;
    one("[data-filtered]", section).hidden = !hidden;
    one("[data-filtered-count]", section).textContent = hidden;
    say(rows.length + unshown);
  }
  const others = all(".q-row", one("#q-others-fold"));
  one("#q-others-fold").hidden = !others.length;
  one("[data-others-count]").textContent = others.length;
  one("[data-holders]").textContent = [...new Set(others.map((row) => row.dataset.agent))].join(queue.dataset.comma);
  tick();
  summary();
}

let said = null;
function say(count) {
  if (said !== null && said !== count) one("#q-said").textContent = one("#q-said").dataset.words.replace("0", count);
  said = count;
}

function summary() {
  const waits = all("#q-talks .clock[data-promise]").map((clock) => Date.parse(clock.dataset.since));
  const box = one("[data-oldest]");
  box.hidden = !waits.length;
  if (!waits.length) return;
  const oldest = now() - Math.min(...waits);
  one("[data-oldest-age]").textContent = spell(oldest);
  box.classList.toggle("is-late", oldest >= 30000);
}

async function claim(button) {
  const row = button.closest(".q-row, .offer");
  button.disabled = true;
  const answer = await post(button.getAttribute("formaction"));
  if (answer.to) { location.assign(answer.to); return; }
  button.disabled = false;
  if (answer.status === -1) return;
  // As a notice too: the row itself may be moved away in the same moment.
  const whose = one(".q-name, [data-offer-who]", row)?.textContent || "";
  notice(whose ? `${whose}: ${answer.said}` : answer.said, "warning");
  const place = one(".q-refused", row);
  if (!place) return;
  place.textContent = answer.said;
  place.hidden = false;
  row.classList.add("refused");
}

function toggleFits(on = !fitsOnly) {
  fitsOnly = on;
  localStorage.setItem(FITS, on ? "yes" : "");
  one("#fits").setAttribute("aria-pressed", String(on));
  settle();
}

function show(fresh) {
  const at = picked()?.id;
  queue.replaceWith(fresh);
  begin();
  if (at) one(`#${at}`)?.classList.add("picked");
}

fitsOnly = localStorage.getItem(FITS) === "yes";
one("#fits").setAttribute("aria-pressed", String(fitsOnly));
begin();
startClocks(summary);

document.body.addEventListener("huifu:ticket", (event) => afterPress(() => hear(event.detail)));
document.body.addEventListener("huifu:resync", renewing(() => location.href, "#queue", show));
document.addEventListener("huifu:over", (event) => event.target.closest(".offer")?.remove());
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-claim]");
  if (button) { event.preventDefault(); claim(button); }
  else if (event.target.closest("#fits")) toggleFits();
  else if (event.target.closest("[data-unfilter]")) toggleFits(false);
});
keys({
  c: () => { const button = picked()?.querySelector("[data-claim]"); if (button && shownIn(button)) claim(button); },
  a: () => { const button = one("#q-offers [data-claim]"); if (button) claim(button); },
  f: () => toggleFits(),
});
const shownIn = (button) => button.offsetParent !== null;
