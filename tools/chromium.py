"""Sees to it that the browser tests find a Chromium: `python -m tools.chromium`.

Order: one that is there, Debian's package, Playwright's own build. A machine that can have none is told so,
and then the browser tests fail.
"""

from __future__ import annotations

import sys

from tests.servers.chromium import find_chromium
from tools import debian

# The pages are Chinese: without this font a screenshot shows boxes.
PACKAGES = ("chromium", "fonts-noto-cjk")


def install_from_debian() -> bool:
    print("Installing Chromium with apt-get, about a minute.", flush=True)
    return debian.install(*PACKAGES)


def install_from_playwright() -> bool:
    print("Installing Playwright's own Chromium.", flush=True)
    return debian.succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


def main() -> None:
    if find_chromium() is not None:
        return
    for install in (install_from_debian, install_from_playwright):
        if install() and find_chromium() is not None:
            return
    print("No Chromium could be installed: the browser tests will fail. Install chromium or google-chrome.")


if __name__ == "__main__":
    main()
