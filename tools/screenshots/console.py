"""The console after a week of work: every page in both languages and both themes, and some on a small screen."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.browser.console.pages import OPENED, PAGES, View, tour
from tests.browser.console.week import running_week
from tools.screenshots.small import make_small

WIDE, NARROW = 1280, 390
LOOKS = [(language, theme) for language in ("zh-CN", "en") for theme in ("light", "dark")]
SHOWN_ONCE = ("zh-CN", "light"), ("en", "dark")
"""Looks in which what opens on the pages, and small screens, are shown."""
SMALL = {"queue", "talk", "talk-customer", "callbacks", "figures", "replies"}
LEFT_OUT = {"menu", "not-found", "people-new", "replies-new", "talk-give"}
MOST_BYTES = 8_000_000


def make(browser: Browser, images: Path) -> None:
    """Writes console/<page>.<language>.<theme>.png, those of a small screen with `.small`. Exits when they have become
    too large together."""
    folder = images / "console"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as place, running_week(Path(place)) as week:
        for language, theme in LOOKS:
            scheme: Any = theme
            with tour(browser, week, locale=language, color_scheme=scheme) as going:
                for view, width in _wanted(language, theme):
                    page = going.open(view, width)
                    small = ".small" if width == NARROW else ""
                    image = folder / f"{view.name}{small}.{language}.{theme}.png"
                    page.screenshot(path=image, scale="css")
            print(f"{language}, {theme}: made", flush=True)
    for image in sorted(folder.glob("*.png")):
        make_small(browser, image)
    size = sum(image.stat().st_size for image in folder.glob("*.png"))
    print(f"docs/images/console: {len(list(folder.glob('*.png')))} pictures, {size / 1e6:.1f} MB")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES / 1e6:.0f} MB: too much to clone")


def _wanted(language: str, theme: str) -> list[tuple[View, int]]:
    wide = [(view, WIDE) for view in PAGES]
    if (language, theme) not in SHOWN_ONCE:
        return wide
    opened = [view for view in OPENED if view.name not in LEFT_OUT]
    # What changes something for the others comes last.
    return [
        *wide,
        *((view, NARROW) for view in (*PAGES, *OPENED) if view.name in SMALL),
        *((view, WIDE) for view in opened),
    ]
