"""Somebody at a browser of their own: signed in, and watched for complaints of the page."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import notices, patience
from tests.browser.console.desk import PASSWORD, Desk

ANSWERED = re.compile(r"status of (409|422) ")
"""A refusal is an answer; the browser counts every answer of that kind among its errors."""


class Seat:
    """A browser context of one person. `complaints` holds whatever the pages told the console, but for refusals."""

    def __init__(self, browser: Browser, desk: Desk, **view: Any) -> None:
        given = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1280, "height": 860}, **view}
        self.desk = desk
        self.context: BrowserContext = browser.new_context(reduced_motion="reduce", **given)
        self.context.set_default_timeout(patience.MILLISECONDS)
        self.context.add_init_script(notices.KEEP)
        self.complaints: list[str] = []
        self.context.on("console", self._told)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = self.context.new_page()

    def _told(self, told: Any) -> None:
        if told.type in {"error", "warning"} and not ANSWERED.search(told.text):
            self.complaints.append(told.text)

    def sign_in(self, name: str, *, path: str = "") -> Page:
        """The page of `path`, or the first one of this person, with its scripts."""
        self.page.goto(f"{self.desk.url}/console/login")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        expect(self.page.locator("body.inside")).to_be_attached()
        if path:
            self.page.goto(f"{self.desk.url}/console/{path}")
        self.page.wait_for_load_state()
        return self.page


def is_live(page: Page, state: str = "live") -> None:
    """The page hears what happens."""
    expect(page.locator("#live-state")).to_have_attribute("data-state", state)


def claim(page: Page) -> None:
    """Claims the conversation that is open. What follows is another page with scripts of its own: it has the same
    address, and the one before can look the same for as long as it takes to come."""
    with page.expect_event("load"):
        page.click("[data-claim-here]")


def hide(page: Page) -> None:
    """As if another tab lay over this one."""
    page.evaluate("() => Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})")


def unhide(page: Page) -> None:
    page.evaluate("() => { delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange')); }")
