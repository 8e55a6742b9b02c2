"""Nobody is shut out: WCAG by axe on every page, small screens, the keyboard alone; both languages and themes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.console.pages import OPENED, PAGES, View, tour
from tests.browser.console.week import Week, running_week
from tests.peers.install import MODULES, ensure

pytestmark = pytest.mark.browser

WIDE, NARROW = 1280, (390, 320)
LOOKS = [("zh-CN", "light", WIDE), ("en", "dark", NARROW[0])]
"""Each page is seen in both languages, both themes and both widths: of the eight combinations these two suffice."""
OTHER_LOOKS = [("zh-CN", "light", NARROW[0]), ("en", "dark", WIDE)]
CHECK = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  return found.violations.filter(rule => ['serious', 'critical'].includes(rule.impact)).flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.target}: ${node.failureSummary.replace(/\\s+/g, ' ').slice(0, 200)}`));
}"""

FROM_THE_TOP = """() => {
  window.tabbed = new Map();
  window.renewed = false; // then what was passed is gone, and what stands there now was not
  for (const what of ['ticket', 'talk', 'agents', 'callbacks', 'resync'])
    document.body.addEventListener(`huifu:${what}`, () => { window.renewed = true; });
  const top = document.createElement('span');
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
}"""
# What has the focus, and whether one sees it: an outline, a ring, or something that was not there without it.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const now = getComputedStyle(at), box = at.getBoundingClientRect();
  const ringed = (now.outlineStyle !== 'none' && parseFloat(now.outlineWidth) > 0) || now.boxShadow !== 'none';
  const owner = at.closest('label, .choice, .kind, .picked');
  const shown = ringed || (owner && getComputedStyle(owner).outlineStyle !== 'none')
    || (owner && getComputedStyle(owner).boxShadow !== 'none');
  if (!window.tabbed.has(at)) window.tabbed.set(at, window.tabbed.size);
  const name = at.id || at.getAttribute('href') || at.name || at.className;
  const sized = box.width > 0 && box.height > 0;
  const tag = at.tagName.toLowerCase();
  return { name: `${tag} ${name}`, shown: Boolean(shown) && sized, nth: window.tabbed.get(at) };
}"""
# Focusable things that are to be seen; of radio buttons with one name one is reached by Tab, the others by arrows.
REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button:enabled, input:enabled:not([type=hidden]), select:enabled, textarea:enabled, summary, [tabindex]')]
  .filter(one => one.tabIndex >= 0 && !one.closest('[hidden], [inert]')
    && one.checkVisibility({ visibilityProperty: true }) && !window.tabbed.has(one) && one.getClientRects().length
    && !(one.type === 'radio' && !one.checked))
  .map(one => `${one.tagName.toLowerCase()} ${one.id || one.name || one.className || one.outerHTML.slice(0, 90)}`)"""


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    ensure()
    with running_week(tmp_path_factory.mktemp("week"), talks=1) as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    return (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def faults_of(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)  # through the debugger: the page's own policy would refuse it, rightly
    found: list[str] = page.evaluate(CHECK)
    return found


def scrolls_sideways(page: Page) -> list[int]:
    """The widths at which the page is wider than its window."""
    found = []
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 844})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(width)
    return found


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_pages_have_no_serious_fault(
    browser: Browser, week: Week, axe: str, language: str, theme: Any, width: int
) -> None:
    assert looked_at(PAGES, browser, week, axe, language, theme, width) == {}


@pytest.mark.parametrize(("language", "theme", "width"), OTHER_LOOKS)
def test_what_opens_has_no_serious_fault(
    browser: Browser, week: Week, axe: str, language: str, theme: Any, width: int
) -> None:
    """Dialogs, menus, folds, refusals."""
    assert looked_at(OPENED, browser, week, axe, language, theme, width) == {}


def looked_at(
    views: Sequence[View], browser: Browser, week: Week, axe: str, language: str, theme: Any, width: int
) -> dict[str, list[str]]:
    """The faults of each page that has any."""
    faults = {}
    with tour(browser, week, locale=language, color_scheme=theme) as going:
        for view in views:
            page = going.open(view, width)
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
            found = faults_of(page, axe)
            if wide := scrolls_sideways(page):
                found.append(f"scrolls sideways at {wide}")
            if found:
                faults[view.name] = found
    return faults


def walk(page: Page) -> tuple[list[str], list[str]]:
    """By Tab from the top to the end of the page: where the focus is not seen, and what is not reached."""
    page.evaluate(FROM_THE_TOP)
    unseen, order = [], []
    for _ in range(320):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at and order and at["nth"] == order[-1]:
            continue  # a date has several places of its own
        if at is None or at["nth"] in order:
            break  # out of the page, or around
        order.append(at["nth"])
        if not at["shown"]:
            unseen.append(at["name"])
    missed: list[str] = page.evaluate(REACHABLE)
    return walk(page) if page.evaluate("window.renewed") else (unseen, missed)


def test_everything_is_reached_by_tab_and_seen_when_it_is(browser: Browser, week: Week) -> None:
    faults = {}
    with tour(browser, week, locale="zh-CN") as going:
        for view in PAGES:
            unseen, missed = walk(going.open(view, WIDE))
            if unseen:
                faults[f"{view.name}: focus is not seen"] = unseen
            if missed:
                faults[f"{view.name}: not reached"] = missed
    assert faults == {}


def test_a_page_begins_with_the_way_past_its_navigation(browser: Browser, week: Week) -> None:
    with tour(browser, week, locale="zh-CN") as going:
        page = going.open(next(view for view in PAGES if view.name == "callbacks"), WIDE)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()
