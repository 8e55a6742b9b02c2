"""Sees to it that the browser tests find a Chromium: `python -m tools.chromium`.

Order: one that is there, Debian's package, Playwright's own build. A machine that can have none is told so,
and then the browser tests fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.servers.chromium import find_chromium

# The pages are Chinese: without this font a screenshot shows boxes.
PACKAGES = ("chromium", "fonts-noto-cjk")


def apt_prefix() -> list[str] | None:
    """The words before `apt-get`; None when packages cannot be installed without asking for a password."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def succeeds(command: list[str]) -> bool:
    """Runs quietly without input; True when the command ended with 0."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode == 0


def install_from_debian() -> bool:
    prefix = apt_prefix()
    if prefix is None:
        return False
    print("Installing Chromium with apt-get, about a minute.", flush=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    return succeeds([*apt, "update"]) and succeeds([*apt, "install", "-y", "--no-install-recommends", *PACKAGES])


def install_from_playwright() -> bool:
    print("Installing Playwright's own Chromium.", flush=True)
    return succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


def main() -> None:
    if find_chromium() is not None:
        return
    for install in (install_from_debian, install_from_playwright):
        if install() and find_chromium() is not None:
            return
    print("No Chromium could be installed: the browser tests will fail. Install chromium or google-chrome.")


if __name__ == "__main__":
    main()
