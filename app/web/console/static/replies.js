// Ready-made replies: "/" opens them, typing narrows them down, Enter puts the chosen one where the words go.

export function openReplies({ root, text, opener }) {
  const find = root.querySelector("input"), none = root.querySelector(".replies-none");
  const all = [...root.querySelectorAll("[role=option]")];
  let slash = false;

  const shown = () => all.filter((option) => !option.hidden);
  const chosen = () => shown().find((option) => option.getAttribute("aria-selected") === "true");

  function choose(option) {
    for (const other of all) other.setAttribute("aria-selected", String(other === option));
    if (option) { find.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else find.removeAttribute("aria-activedescendant");
  }
  function narrow() {
    const wanted = find.value.trim().replace(/^\//, "").toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of all) option.hidden = !wanted.every((word) => option.dataset.find.toLowerCase().includes(word));
    const starts = shown().find((option) => wanted[0] && option.dataset.shortcut.toLowerCase().startsWith(wanted[0]));
    none.hidden = shown().length > 0;
    choose(starts || shown()[0]);
  }
  function open(given = "") {
    root.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    find.value = given;
    narrow();
    find.focus();
  }
  function close(back = true) {
    root.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    if (back) text.focus();
  }
  function put(option) {
    if (!option) return;
    if (slash) text.value = "";
    slash = false;
    close();
    text.setRangeText(option.dataset.body, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  function step(by) {
    const options = shown();
    if (options.length) choose(options[(options.indexOf(chosen()) + by + options.length) % options.length]);
  }

  find.addEventListener("input", narrow);
  find.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const acts = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => put(chosen()), Tab: () => put(chosen()), Escape: () => close() };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  });
  root.addEventListener("click", (event) => put(event.target.closest("[role=option]")));
  opener.addEventListener("click", () => (root.hidden ? open() : close()));
  document.addEventListener("click", (event) => {
    if (!root.hidden && !root.contains(event.target) && !opener.contains(event.target)) close(false);
  });

  return {
    open: () => { slash = false; open(); },
    /** A "/" as the first word of an empty text opens the list. True when it did. */
    typed() {
      if (text.value !== "/") return false;
      slash = true;
      open();
      return true;
    },
  };
}
