// A click is lost when what was pressed is replaced before the button is let go: what comes meanwhile waits for it.
const LONGEST = 5000; // milliseconds: the end of a press can be kept from the page, by a menu of the system for one
const waiting = [];
let pressed = 0;

/** Runs `change` at once, or right after the click that is being made. */
export function afterPress(change) {
  if (pressed) waiting.push(change);
  else change();
}

function end() {
  clearTimeout(pressed);
  pressed = 0;
  for (const change of waiting.splice(0)) change();
}

addEventListener("pointerdown", () => { clearTimeout(pressed); pressed = setTimeout(end, LONGEST); }, true);
for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, () => setTimeout(end), true); // the click comes first
