"""A line that keeps what goes over it, and a hand that presses a button while it does."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Route, expect

from tests.browser import patience


class Held:
    """Requests that the line keeps, until they are let go or lost."""

    def __init__(self, page: Page, where: str, method: str = "POST") -> None:
        self.page, self.routes = page, list[Route]()
        page.route(where, lambda route: self._take(route) if route.request.method == method else route.continue_())

    def _take(self, route: Route) -> None:
        self.routes.append(route)

    def wait(self, count: int = 1) -> None:
        deadline = time.monotonic() + patience.SECONDS
        while len(self.routes) < count:
            assert time.monotonic() < deadline, f"{len(self.routes)} of {count} requests came"
            self.page.wait_for_timeout(50)  # lets the browser tell of its requests

    def go(self) -> None:
        """Everything goes on, from now on too."""
        for route in self.routes:
            route.continue_()
        self.page.unroute_all()

    def lose_answer(self) -> None:
        """The server hears it, and the browser no answer."""
        self.routes[-1].fetch()
        self.routes[-1].abort()
        self.page.unroute_all()


def press(page: Page, selector: str, *again: int) -> None:
    """A click that does not wait for the page that it leads to, and more of them after so many milliseconds."""
    act = """([found, times]) => {
        for (const after of times) setTimeout(() => document.querySelector(found).click(), after);
    }"""
    expect(page.locator(selector)).to_be_attached()  # a page that is still coming may not have it yet
    page.evaluate(act, [selector, [0, *again]])
