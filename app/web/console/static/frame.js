// What every page does: notices, the menu, and nothing that a page would not work without.
(() => {
  const notices = document.getElementById("notices");

  /** Shows a sentence for some seconds. Other scripts: document.body.dispatchEvent(new CustomEvent("huifu:notice", {detail: {said, kind}})) */
  function notice(said, kind = "danger") {
    const line = document.createElement("p");
    line.className = `alert alert-${kind} notice`;
    line.textContent = said;
    notices.append(line);
    setTimeout(() => line.remove(), 8000);
  }

  document.body.addEventListener("huifu:notice", (event) => notice(event.detail.said, event.detail.kind));
  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    notice(plain && xhr.responseText ? xhr.responseText : notices.dataset.failed);
  });
  document.body.addEventListener("htmx:sendError", () => notice(notices.dataset.unreachable));
  document.body.addEventListener("htmx:timeout", () => notice(notices.dataset.unreachable));

  // A menu is closed by a click elsewhere and by Escape, as everybody expects of one.
  const menus = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
