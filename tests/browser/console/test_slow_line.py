"""A slow or broken line: nothing that was typed is lost, nothing is sent twice, and what did not work is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, Desk
from tests.browser.console.line import Held, press
from tests.browser.console.seats import claim
from tests.browser.notices import noticed

WHO = "+8615400000001"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def talk(desk: Desk) -> str:
    """The path of a conversation that the agent holds."""
    desk.text(WHO, "转人工")
    return f"tickets/{desk.ticket(WHO).id}"


@pytest.fixture
def page(sit: Sit, desk: Desk, talk: str) -> Iterator[Any]:
    seat = sit(AGENT, path=talk)
    if seat.page.locator("[data-claim-here]").count():
        claim(seat.page)
    desk.stays(AGENT)
    expect(seat.page.locator("#composer:not([data-closed])")).to_be_attached()
    yield seat.page
    seat.complaints.clear()  # the browser tells of every request that is lost


def sent(desk: Desk) -> list[str]:
    return [row.body.rpartition("】")[2] for row in desk.rows(tables.Message, phone=WHO) if row.template == "agent"]


def notes(desk: Desk) -> list[str]:
    return [row.body for row in desk.rows(tables.Note, phone=WHO)]


def thread_has(page: Page, words: str) -> None:
    said = page.locator("#transcript .t-agent .t-words").filter(has_text=words)
    expect(said).to_have_count(1)


def write(page: Page, words: str) -> Held:
    """Words that are on their way."""
    line = Held(page, "**/reply")
    page.fill("#text", words)
    page.press("#text", "Control+Enter")
    line.wait()
    return line


def noted(page: Page, words: str) -> Held:
    """A note that is on its way."""
    line = Held(page, "**/note")
    page.fill("#note-body", words)
    page.press("#note-body", "Control+Enter")
    line.wait()
    return line


def test_words_typed_while_others_are_on_their_way_stay(page: Page) -> None:
    line = write(page, "您好，我来看看")
    page.locator("#text").press_sequentially("请稍等")
    line.go()
    thread_has(page, "您好，我来看看")
    expect(page.locator("#text")).to_have_value("请稍等")
    page.fill("#text", "")


def test_a_lost_answer_sends_the_same_words_once_and_other_words_too(page: Page, desk: Desk) -> None:
    write(page, "已经为您登记").lose_answer()
    expect(noticed(page)).to_have_count(1)
    page.reload()
    expect(page.locator("#text")).to_have_value("已经为您登记")
    page.press("#text", "Control+Enter")
    expect(page.locator("#text")).to_have_value("")
    write(page, "明天回复您").lose_answer()
    expect(noticed(page)).to_have_count(1)
    page.fill("#text", "后天回复您")
    page.press("#text", "Control+Enter")
    expect(page.locator("#text")).to_have_value("")
    thread_has(page, "后天回复您")
    assert [sent(desk).count(words) for words in ("已经为您登记", "明天回复您", "后天回复您")] == [1, 1, 1]


def test_what_the_browser_sent_before_the_script_was_there_does_not_come_back(page: Page, desk: Desk) -> None:
    script = Held(page, "**/composer.js*", "GET")
    page.reload(wait_until="commit")
    page.locator("#text").fill("马上就好")
    script.wait()
    line = Held(page, "**/reply")
    press(page, "#send", 800)
    line.wait()
    page.unroute("**/composer.js*")
    script.routes[0].continue_()
    page.wait_for_timeout(1200)  # a second request would be under way by now
    assert len(line.routes) == 1
    line.routes[0].continue_()
    thread_has(page, "马上就好")
    expect(page.locator("#talk[style]")).to_be_attached()  # its script has run
    expect(page.locator("#text.has-words")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("")
    assert sent(desk).count("马上就好") == 1


def test_a_draft_and_what_was_typed_before_the_script_was_there_both_stay(page: Page) -> None:
    page.fill("#text", "昨天的草稿")
    script = Held(page, "**/composer.js*", "GET")
    page.reload(wait_until="commit")
    page.fill("#text", "新的话")
    script.wait()
    script.go()
    expect(page.locator("#text")).to_have_value("昨天的草稿\n新的话")
    page.fill("#text", "")


def test_a_refusal_that_comes_late_is_not_said_of_the_words_typed_since(page: Page) -> None:
    line = write(page, "您现在的可用额度是50,000.00元，还可以再借。")
    with page.expect_response("**/judge"):
        page.fill("#text", "请稍等一下")
    line.go()
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#verdict .is-refuse")).to_have_count(0)
    page.fill("#text", "")


def test_a_gate_that_cannot_be_asked_locks_nothing(page: Page) -> None:
    page.fill("#text", "您现在的可用额度是50,000.00元，还可以再借。")
    expect(page.locator("#verdict .is-refuse").first).to_be_visible()
    page.route("**/judge", lambda route: route.abort())
    page.fill("#text", "请稍等一下")
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#verdict li")).to_have_count(0)
    page.fill("#text", "")


def test_a_dialog_is_sent_once_and_a_refusal_is_told_though_it_was_closed(page: Page) -> None:
    page.click("a[href='#box-release']")
    line = Held(page, "**/release")
    for _twice in range(2):
        press(page, "#box-release .btn-primary")
    line.wait()
    expect(page.locator("#box-release .box-refused")).to_be_hidden()
    page.locator("#box-release [data-close]").click()
    assert len(line.routes) == 1
    line.routes[0].fulfill(status=502, body="")  # of a proxy: no words at all
    expect(noticed(page)).to_have_text(["出了点问题，请再试一次。"])


def test_two_facts_asked_for_at_once_are_both_shown(page: Page) -> None:
    line = Held(page, "**/reveal")
    for name in ("phone", "name"):
        press(page, f"#side button[value={name}]")
    line.wait(2)
    line.go()
    expect(page.locator("#side button[name=fact]:is([value=phone], [value=name])")).to_have_count(0)


def test_earlier_words_come_once_or_it_is_told(page: Page) -> None:
    ask = """() => {
        document.querySelector("#transcript").insertAdjacentHTML("afterbegin",
        `<li id="earlier"><a data-earlier href="${location.pathname}?before=2999-01-01T00:00:00%2B00:00">x</a></li>`);
        for (const _ of "12") document.querySelector("[data-earlier]").click();
    }"""
    page.route("**before=**", lambda route: route.abort())
    page.evaluate(ask)
    expect(noticed(page)).to_have_count(1)
    page.unroute_all()
    line = Held(page, "**before=**", "GET")
    page.evaluate(ask)
    line.wait()
    page.wait_for_timeout(100)  # a second request would be under way by now
    assert len(line.routes) == 1
    line.go()
    expect(page.locator("[data-above]").first).to_be_attached()


def test_a_note_typed_while_another_is_on_its_way_stays(page: Page, desk: Desk) -> None:
    page.locator(".compose-tab", has_text="备注").click()
    line = noted(page, "客户在外地")
    page.locator("#note-body").press_sequentially("，明天再打")
    page.press("#note-body", "Control+Enter")  # the one before is on its way
    assert len(line.routes) == 1
    line.go()
    expect(page.locator(".t-note .t-words", has_text="客户在外地")).to_have_count(1)
    expect(page.locator("#note-body")).to_have_value("，明天再打")
    page.fill("#note-body", "")


def test_a_lost_answer_keeps_the_same_note_once_and_another_too(page: Page, desk: Desk) -> None:
    page.locator(".compose-tab", has_text="备注").click()
    noted(page, "要发票").lose_answer()
    expect(noticed(page)).to_contain_text(["连不上服务器"])
    expect(page.locator("#note-body")).to_have_value("要发票")
    page.reload()
    page.locator(".compose-tab", has_text="备注").click()
    expect(page.locator("#note-body")).to_have_value("要发票")
    page.press("#note-body", "Control+Enter")
    expect(page.locator("#note-body")).to_have_value("")
    noted(page, "要纸质账单").lose_answer()
    expect(noticed(page)).to_contain_text(["连不上服务器"])
    page.fill("#note-body", "要电子账单")
    page.press("#note-body", "Control+Enter")
    expect(page.locator("#note-body")).to_have_value("")
    assert [notes(desk).count(words) for words in ("要发票", "要纸质账单", "要电子账单")] == [1, 1, 1]


def test_a_note_that_the_browser_sends_while_the_script_comes_does_not_come_back(page: Page, desk: Desk) -> None:
    script = Held(page, "**/composer.js*", "GET")
    page.reload(wait_until="commit")
    page.locator(".compose-tab", has_text="备注").click()
    page.locator("#note-body").fill("已核对地址")
    script.wait()
    # As once.js marks it. Chromium itself runs no script of a page once a form of it is on its way; other browsers do.
    page.evaluate("""() => document.querySelector("#note").setAttribute("aria-busy", "true")""")
    script.go()
    expect(page.locator("#talk[style]")).to_be_attached()  # its script has run
    page.evaluate("""() => setTimeout(() => document.querySelector("#note").submit())""")
    page.wait_for_url("**#last")
    expect(page.locator(".t-note .t-words", has_text="已核对地址")).to_have_count(1)
    expect(page.locator("#talk[style]")).to_be_attached()
    expect(page.locator("#note-body")).to_have_value("")
    assert notes(desk).count("已核对地址") == 1


PROXY = "<!doctype html><title>502</title><h1>502 Bad Gateway</h1><hr>nginx"


def test_a_page_of_a_proxy_is_told_in_a_plain_sentence(page: Page) -> None:
    page.route("**/reply", lambda route: route.fulfill(status=502, content_type="text/html", body=PROXY))
    page.route("**/release", lambda route: route.fulfill(status=502, content_type="text/html", body=PROXY))
    page.fill("#text", "请稍等")
    page.press("#text", "Control+Enter")
    expect(noticed(page)).to_have_text(["出了点问题，请再试一次。"])
    expect(page.locator("#text")).to_have_value("请稍等")
    page.fill("#text", "")
    page.click("a[href='#box-release']")
    page.click("#box-release .btn-primary")
    expect(page.locator("#box-release .box-refused")).to_have_text("出了点问题，请再试一次。")
    page.click("#box-release [data-close]")


def test_a_claim_that_is_lost_is_told(page: Page, desk: Desk) -> None:
    waiting = desk.waiting(["+8615400000077"])[0]
    page.goto(f"{desk.url}/console/tickets/{waiting}")
    page.route("**/claim", lambda route: route.abort())
    page.click("[data-claim-here]")
    expect(noticed(page)).to_contain_text(["连不上服务器"])
