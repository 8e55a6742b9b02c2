"""The phone, with the service's own demo customers. The one-time code and the hour differ from run to run."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.servers.service import running_service

MOST_BYTES = 300_000
PATIENCE = 20_000  # milliseconds


def arrived(page: Page, texts: int) -> None:
    """Waits until the bank's texts are here and the bank knows it."""
    expect(page.locator("#thread .tick.delivered")).to_have_count(texts, timeout=PATIENCE)


def phone(page: Page, url: str, image: Path) -> None:
    """A conversation that shows what the page is for: a code, a figure, a step of a guide, and why."""
    page.goto(f"{url}/phone/?lang=zh-CN")
    page.get_by_role("button", name="额度", exact=True).click()
    arrived(page, 1)
    page.get_by_role("button", name=re.compile("^验证码")).click()
    arrived(page, 2)
    page.get_by_role("button", name="2 用款步骤").click()
    arrived(page, 3)
    page.mouse.move(0, 0)
    page.screenshot(path=image, scale="device")


def make(browser: Browser, images: Path) -> None:
    """Writes phone.png. Exits when it has become too large."""
    image = images / "phone.png"
    before = (("migrate",), ("demo-data",))
    with tempfile.TemporaryDirectory() as folder, running_service(Path(folder), before=before) as service:
        wide = {"width": 1280, "height": 910}
        page = browser.new_page(viewport=wide, locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme="light")
        page.set_default_timeout(PATIENCE)
        phone(page, service.url, image)
    size = image.stat().st_size
    print(f"docs/images/{image.name}: {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES / 1000:.0f} kB: a README should open at once")
