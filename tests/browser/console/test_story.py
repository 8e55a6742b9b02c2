"""From a customer's first text to the score that they give: one conversation as both sides live it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, SUPERVISOR, Desk, until
from tests.browser.console.seats import hide, is_live, unhide

pytestmark = pytest.mark.browser

WANG = "+8615400000001"
TONES = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
}"""
FIGURE = "您的可用额度是50,000.00元。"


def words(page: Page) -> str:
    return page.locator("#text").input_value()


def focus_by_tab(page: Page, selector: str, most: int = 60) -> None:
    """Tab after Tab until it is reached, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_from_the_first_text_to_the_score(desk: Desk, sit: Sit) -> None:
    page = sit(AGENT).page
    key = page.keyboard.press
    is_live(page)
    page.evaluate(TONES)
    page.click("#live-calls > summary")
    page.click("[data-call=sound]")
    page.evaluate("localStorage.removeItem('huifu.rang')")
    before = page.evaluate("window.tones")

    # The customer is helped by the bot, and then wants a person.
    desk.say(WANG, "怎么还钱")
    desk.say(WANG, "1")
    hide(page)
    desk.text(WANG, "转人工")
    ticket = desk.ticket(WANG)
    row = page.locator(f"#ticket-{ticket.id}")
    expect(row).to_be_visible()
    page.wait_for_function("before => window.tones > before", arg=before)
    assert page.title().startswith("(1) ")
    unhide(page)
    assert not page.title().startswith("(")
    expect(row).to_contain_text("王先生")
    expect(row).to_contain_text("还款")

    # Claimed by one key: the page that opens tells all that was said.
    page.locator("#live-calls > summary").press("Escape")
    key("j")
    expect(row).to_have_class(re.compile("picked"))
    key("c")
    page.wait_for_url(f"**/tickets/{ticket.id}")
    assert desk.ticket(WANG).agent == AGENT
    is_live(page)
    transcript = page.locator("#transcript")
    for said in ("怎么还钱", "转人工", "您想怎么还"):
        expect(transcript).to_contain_text(said)
    expect(page.locator("#standing")).to_contain_text("还款")
    expect(page.locator("#transcript .why").first).to_be_attached()

    # The gate refuses a figure before the customer has passed a code, and says why.
    key("r")
    page.keyboard.type(FIGURE)
    verdict = page.locator("#verdict")
    expect(verdict.locator(".is-refuse").first).to_contain_text("验证码")
    expect(page.locator("#send")).to_be_disabled()
    with page.expect_response("**/reply"):
        key("Control+Enter")
    assert words(page) == FIGURE

    # Everyday words pass, are counted, and arrive.
    key("Control+a")
    page.keyboard.type("王先生您好，我来帮您看还款。")
    expect(verdict.locator("li")).to_have_count(0)
    expect(page.locator("#size")).to_contain_text("1")
    expect(page.locator("#send")).to_be_enabled()
    key("Control+Enter")
    expect(page.locator("#text")).to_have_value("")
    desk.reads(WANG, "我来帮您看还款")
    expect(transcript.locator(".t-agent .t-state-arrived").last).to_be_attached()

    # A code, and now the figure may be told.
    page.locator("#text").focus()
    focus_by_tab(page, "#code-button")
    key("Enter")
    code = re.search(r"\d{6}", desk.reads(WANG, "验证码"))
    assert code
    expect(page.locator("#standing")).to_contain_text("验证码")
    desk.text(WANG, code[0])
    expect(page.locator("#standing .is-good .countdown")).to_be_visible()
    page.locator("#transcript").focus()
    key("r")
    page.keyboard.type(FIGURE)
    expect(page.locator("#send")).to_be_enabled()
    expect(verdict.locator(".is-refuse")).to_have_count(0)
    key("Control+Enter")
    expect(page.locator("#text")).to_have_value("")
    desk.reads(WANG, "50,000.00")

    # TD works while an agent talks: the choice of an offer is locked at once, with its reason.
    offer = page.locator("#offer-choice input")
    expect(offer).to_be_enabled()
    desk.text(WANG, "TD")
    expect(offer).to_be_disabled()
    expect(page.locator("#no-offers")).to_be_visible()
    desk.reads(WANG, "退订")

    # A note for colleagues, and the end.
    page.locator("#transcript").focus()
    key("n")
    page.keyboard.type("客户下周想提前还清")
    key("Control+Enter")
    expect(transcript.locator(".t-note")).to_contain_text("提前还清")
    assert not any("提前还清" in body for body in desk.handset(WANG))
    page.locator("#transcript").focus()
    page.evaluate("document.activeElement.blur()")
    focus_by_tab(page, "a[href='#box-close']")
    key("Enter")
    expect(page.locator("#box-close")).to_be_visible()
    focus_by_tab(page, "#box-close button.btn-primary")
    key("Enter")
    page.wait_for_url("**/console/queue")
    expect(page.locator(f"#ticket-{ticket.id}")).to_have_count(0)

    # The customer scores by number, and the score is shown.
    asked = desk.reads(WANG, "打分")
    best = re.search(r"(\d)\s*很满意", asked)
    assert best
    desk.text(WANG, best[1])
    score = until(lambda: [row.score for row in desk.rows(tables.Survey) if row.score])
    assert score == [int(best[1])]
    page.goto(f"{desk.url}/console/tickets/{ticket.id}")
    expect(page.locator("#transcript")).to_contain_text("5")
    expect(page.locator("#transcript .t-line").last).to_contain_text("5")
    figures = sit(SUPERVISOR, path="figures").page
    expect(figures.locator("main")).to_contain_text("5.0")
