"""Sentences that a page shows for some seconds only: kept for a test, however late it comes to read them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

KEEP = """(() => {
  const noticed = document.createElement("div"), known = new WeakSet();
  noticed.id = "noticed";
  noticed.hidden = true;
  new MutationObserver(() => {
    for (const { firstChild: words } of document.querySelectorAll("#notices > *, #notice")) {
      if (!words || known.has(words)) continue;
      known.add(words);
      const line = document.createElement("p");
      line.append(words.cloneNode());
      noticed.append(line);
      document.documentElement.append(noticed);
    }
  }).observe(document, { childList: true, subtree: true });
})()"""
"""For `add_init_script`: a copy of each, in a place of its own that nobody sees."""


def noticed(page: Page) -> Locator:
    """All of them since the page was opened, each a paragraph."""
    return page.locator("#noticed > p")
