"""What one sees of the phone in the browser, and what one does with it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def works(page: Page) -> None:
    """Its script is there and has shown what the server knows: from here on a press does something."""
    expect(page.locator("#state")).not_to_be_empty()


def theirs(page: Page) -> Locator:
    """The customer's own texts."""
    return page.locator("#thread li:not(.ours)")


def ours(page: Page) -> Locator:
    """The bank's texts, those on their way included."""
    return page.locator("#thread li.ours")


def arrived(page: Page) -> Locator:
    return page.locator("#thread li.ours[data-arrived=yes]")


def write(page: Page, body: str) -> None:
    page.locator("#write").fill(body)
    page.keyboard.press("Enter")


def press(page: Page, name: str) -> None:
    """Until the server has answered: a text may be faster than a fault that it is to meet, and a second press of a
    button whose first is under way counts as none."""
    with page.expect_response(re.compile("/phone/api/(texts|handset|faults)$")):
        page.locator(f"[data-do={name}]").click()


def counted(page: Page, name: str, count: int) -> None:
    """Waits until the service's own metrics have counted so far: the only sign of a callback that changes nothing."""
    told = """async ([name, count]) => (await (await fetch('/metrics')).text()).split('\\n')
        .some(line => line.startsWith(`${name} `) && Number(line.slice(name.length)) >= count)"""
    page.wait_for_function(told, arg=[name, count])


def count_of(page: Page, name: str) -> int:
    told = page.request.get(page.url.split("/phone/")[0] + "/metrics").text()
    found = re.search(rf"^{re.escape(name)} (\d+)", told, re.MULTILINE)
    return int(found[1]) if found else 0
