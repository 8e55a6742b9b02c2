"""A real browser without a window: the system's Chromium when there is one, else Playwright's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# --no-sandbox: the sandbox refuses to start as root, as in most containers. The rest keeps it offline.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """The program to start; None when neither the system nor Playwright has one."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser, closed at the end. Raises RuntimeError when this machine has none."""
    program = find_chromium()
    if program is None:
        raise RuntimeError("no Chromium on this machine: `make setup` installs one, or tells why it cannot")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()
