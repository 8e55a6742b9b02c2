// In the head and not deferred, for on a slow line a click comes before every other script: a form that is on its way is
// not sent again by a second click. `data-again`: the answer is a file, so the page stays and may ask once more.
(() => {
  const release = () => { for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy"); };
  addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("aria-busy")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.hasAttribute("data-again")) return;
    form.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => { if (event.persisted) release(); });
  window.navigation?.addEventListener("navigateerror", release); // stopped by whoever waited
})();
