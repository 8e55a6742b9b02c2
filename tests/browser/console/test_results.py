"""Results in a real browser: read, chosen, taken away, a comparison begun, what stopped itself switched on again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import patience
from tests.browser.console.test_everybody import faults_of, scrolls_sideways
from tests.browser.results_desk import AUDITOR, COMPARED, OPERATOR, PASSWORD, running_results
from tests.peers.install import MODULES, ensure

pytestmark = pytest.mark.browser

PATH = f"care/results/{COMPARED}"
PATHS = ("care/results", PATH, "care/results/birthday_offer")
LOOKS = [("zh-CN", "light", 1280), ("en", "dark", 390), ("zh-CN", "dark", 390), ("en", "light", 1280)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_results(tmp_path_factory.mktemp("results")) as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    ensure()
    return (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What pages tell the browser's console, such as a style that their policy refuses. There must be none."""
    told: list[str] = []
    yield told
    assert told == []


def signed_in(browser: Browser, url: str, complaints: list[str], name: str = OPERATOR, **view: Any) -> Page:
    context = browser.new_context(timezone_id="Asia/Shanghai", reduced_motion="reduce", **view)
    page = context.new_page()
    page.set_default_timeout(patience.MILLISECONDS)
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{url}/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.locator("body.inside")).to_be_attached()
    return page


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_nobody_is_shut_out(
    browser: Browser, url: str, axe: str, complaints: list[str], language: str, theme: Any, width: int
) -> None:
    size = {"width": width, "height": 860}
    page = signed_in(browser, url, complaints, locale=language, color_scheme=theme, viewport=size)
    faults: dict[str, Any] = {}
    for path in PATHS:
        page.set_viewport_size({"width": width, "height": 860})
        page.goto(f"{url}/{path}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        found = [*faults_of(page, axe), *map(str, scrolls_sideways(page))]
        if found:
            faults[path] = found
    page.context.close()
    assert faults == {}


def test_charts_are_drawn_in_the_themes_colours(browser: Browser, url: str, complaints: list[str]) -> None:
    """Bars as long as their figures, in another colour by night; nothing of it needs the network."""
    seen = {}
    for theme in ("light", "dark"):
        page = signed_in(browser, url, complaints, locale="en", color_scheme=theme)
        asked: list[str] = []
        page.on("request", lambda one, asked=asked: asked.append(one.url))
        page.goto(f"{url}/{PATH}")
        bars = page.locator("section").filter(has=page.locator("#total-title")).locator(".chart .bar")
        expect(bars).to_have_count(9)
        boxes = [bar.bounding_box() for bar in bars.all()]
        widths = sorted(box["width"] for box in boxes if box is not None)
        assert widths[-1] > 3 * widths[0]
        seen[theme] = bars.first.locator("rect").evaluate("one => getComputedStyle(one).fill")
        assert all(one.startswith(url.removesuffix("/console")) for one in asked)
        page.context.close()
    assert seen["light"] != seen["dark"]


def test_what_one_reads_and_chooses(browser: Browser, url: str, complaints: list[str]) -> None:
    page = signed_in(browser, url, complaints, AUDITOR, locale="en", viewport={"width": 1280, "height": 860})
    page.locator("nav a[data-entry='console.results']").first.click()
    expect(page.locator("h1, .bar")).to_contain_text(["Results"])
    expect(page.locator(".alert-danger")).to_contain_text("Birthday")
    page.select_option("#programme", COMPARED)
    page.locator(".results-filters button").click()
    page.wait_for_url(f"**/{PATH}?*")
    expect(page.locator("#programme")).to_have_value(COMPARED)
    expect(page.locator(".verdict")).to_contain_text("No difference between B and A was found")
    expect(page.locator("summary", has_text="Begin a")).to_have_count(0)  # auditors only read
    page.fill("#since", "2026-01-01")
    page.fill("#until", "2026-01-31")
    page.press("#until", "Enter")
    expect(page.locator("section").filter(has=page.locator("#hour-title"))).to_contain_text("Nothing in this time")
    page.context.close()


def test_a_table_is_taken_away(browser: Browser, url: str, complaints: list[str], tmp_path: Path) -> None:
    page = signed_in(browser, url, complaints, AUDITOR, locale="zh-CN", viewport={"width": 1280, "height": 860})
    page.goto(f"{url}/{PATH}")
    with page.expect_download() as taken:
        page.locator("section").filter(has=page.locator("#hour-title")).locator(".exports a").click()
    assert taken.value.suggested_filename.startswith(f"results-{COMPARED}-hour-2026-")
    taken.value.save_as(tmp_path / "hour.csv")
    kept = (tmp_path / "hour.csv").read_bytes()
    assert kept.startswith(b"\xef\xbb\xbfhour,name,planned")
    assert kept.count(b"\r\n") > 4
    page.context.close()


def test_an_operator_begins_a_comparison_and_lets_a_programme_go_on(
    browser: Browser, url: str, complaints: list[str]
) -> None:
    page = signed_in(browser, url, complaints, locale="en", viewport={"width": 390, "height": 844})
    page.goto(f"{url}/{PATH}")
    page.locator("summary", has_text="Begin a new comparison").click()
    page.select_option("#outcome", "chosen")
    page.fill("#baseline", "10")
    page.fill("#least", "5")
    page.locator("form[action$='/trial'] button").click()
    expect(page.locator(".notices, .alert").filter(has_text="686")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("it needs about 1,372 more texts")
    page.goto(f"{url}/care/results/birthday_offer")
    page.fill("#because", "模板已改，去掉了催促的话")
    page.locator("form[action$='/resume'] button").click()
    expect(page.locator("body")).to_contain_text("It is on again")
    expect(page.locator("#because")).to_have_count(0)
    page.context.close()
