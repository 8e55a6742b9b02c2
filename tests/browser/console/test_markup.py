"""A customer who texts markup: on every page it is shown as the words that it is, and nothing of it runs."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, AUDITOR, OPERATOR, SUPERVISOR, Desk
from tests.browser.console.seats import Seat, is_live

pytestmark = pytest.mark.browser

WANG, LI = "+8615400000001", "+8615400000002"
MARKUP = (
    "<script>window.hacked=1;alert(1)</script>",
    '<img src=x onerror="window.hacked=1;alert(1)">',
    "\"'><svg onload=alert(1)><a href='javascript:alert(1)' class=btn data-claim>点这里</a>",
    "</textarea></template></li><iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "{{ 7*7 }} ${7*7} <b onmouseover=alert(1)>&lt;b&gt;</b> 找我",
)
ALIEN = "script:not([src]), img[src='x'], svg[onload], iframe, b[onmouseover], a[href^='javascript:']"


def watched(seat: Seat) -> list[str]:
    """What ran although it must not: dialogs that opened."""
    opened: list[str] = []

    def told(dialog: object) -> None:
        opened.append(str(dialog))
        dialog.dismiss()  # type: ignore[attr-defined]

    seat.page.on("dialog", told)
    return opened


def is_harmless(page: Page) -> None:
    """Nothing of it became part of the page. That the policy had nothing to block is seen by the page's complaints."""
    assert page.evaluate("window.hacked") is None
    expect(page.locator(ALIEN)).to_have_count(0)


def test_markup_is_words_on_every_page(desk: Desk, sit: Sit) -> None:
    agent, boss = sit(AGENT), sit(SUPERVISOR)
    dialogs = [*watched(agent), *watched(boss)]
    page, other = agent.page, boss.page
    is_live(page)

    # It comes while the queue is open, and is pushed into it.
    desk.say(WANG, "转人工")
    ticket = desk.ticket(WANG)
    row = page.locator(f"#ticket-{ticket.id}")
    for words in MARKUP:
        desk.text(WANG, words)
        expect(row.locator(".q-words")).to_have_text(words)
        is_harmless(page)
    page.reload()
    expect(row.locator(".q-words")).to_have_text(MARKUP[-1])
    is_harmless(page)

    # In the talk, opened and pushed; an agent's note and reply as well.
    row.locator("[data-claim]").click()
    page.wait_for_url("**/tickets/*")
    is_live(page)
    heard = page.locator("#transcript .t-heard .t-words")
    for words in MARKUP:
        expect(heard.filter(has_text=words)).to_have_count(1)
    desk.text(WANG, MARKUP[1] + " 再来")
    expect(heard.filter(has_text=MARKUP[1] + " 再来")).to_have_count(1)
    page.keyboard.press("n")
    page.fill("#note-body", MARKUP[1])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".t-note .t-words")).to_have_text(MARKUP[1])
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.fill("#text", MARKUP[0])
    expect(page.locator("#verdict, #size").first).to_be_attached()
    expect(page.locator("#size")).not_to_be_empty()
    is_harmless(page)

    # A flag keeps the customer's words as its reason.
    desk.say(LI, f"你发错人了 {MARKUP[1]}")
    page.goto(f"{desk.url}/console/queue")
    flag = page.locator("#q-flags .q-row[data-topic=wrong_person]")
    expect(flag).to_contain_text("onerror")
    is_harmless(page)
    flag.locator("[data-open]").click()
    expect(page.locator("#standing")).to_contain_text("onerror")
    is_harmless(page)

    # Searched for, and marked where it stands.
    other.goto(f"{desk.url}/console/search")
    other.fill("#q", "onerror=")
    other.press("#q", "Enter")
    expect(other.locator("mark").first).to_have_text("onerror=")
    is_harmless(other)
    other.evaluate("document.querySelector('#found').dataset.before = 'yes'")
    other.fill("#q", MARKUP[0])
    other.press("#q", "Enter")
    expect(other.locator("#found:not([data-before])")).to_be_attached()
    expect(other.locator("#q")).to_have_value(MARKUP[0])
    is_harmless(other)
    for path in ("figures", "people", "callbacks"):
        other.goto(f"{desk.url}/console/{path}")
        is_harmless(other)
    assert dialogs == []


def test_names_and_words_of_our_own_are_no_markup_either(desk: Desk, sit: Sit) -> None:
    """A name from the bank's file, a reply of the operator, a person's name, and what audit rows tell."""
    name = "<img src=x onerror=alert(1)>"
    desk.change(tables.Customer, {"customer_id": "DEMO03"}, name=name, title="")
    [ticket] = desk.waiting(["+8615400000003"], reason=MARKUP[0], place="<b>", topic="<i>x</i>")
    agent = sit(AGENT)
    dialogs, page = watched(agent), agent.page
    expect(page.locator(f"#ticket-{ticket}")).to_be_visible()
    is_harmless(page)
    page.goto(f"{desk.url}/console/tickets/{ticket}")
    is_harmless(page)
    office = sit(OPERATOR, path="replies").page
    office.locator("details.new > summary").click()
    office.fill("#new-shortcut, details.new [name=shortcut]", "xss")
    office.fill("details.new [name=body]", "您好 <img src=x onerror=alert(1)> 请稍等")
    office.locator("details.new button.btn-primary").click()
    expect(office.locator("#reply-xss")).to_contain_text("onerror")
    is_harmless(office)
    told = sit(AUDITOR).page
    told.goto(f"{desk.url}/console/audit?actor={'%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E'}")
    expect(told.locator("[name=actor]").first).to_have_value(name)
    is_harmless(told)
    assert dialogs == [], json.dumps(dialogs)
