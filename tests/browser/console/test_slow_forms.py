"""A slow or broken line under the queue, forms of the office and the phone: see test_slow_line.py for conversations."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from app.store import tables
from tests.browser import notices
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, OPERATOR, PASSWORD, Desk
from tests.browser.console.line import Held, press
from tests.browser.console.seats import is_live
from tests.browser.handset import works
from tests.browser.notices import noticed

EDITOR = "care/templates/birthday_offer/zh-CN/edit"
pytestmark = pytest.mark.browser


def test_a_form_on_its_way_is_not_sent_by_a_second_click(sit: Sit) -> None:
    page = sit(OPERATOR, path="self-check").page
    script = Held(page, "**/frame.js*", "GET")
    page.reload(wait_until="commit")
    script.wait()
    line = Held(page, "**/self-check")
    press(page, "form[action$=self-check] button", 800)
    line.wait()
    script.routes[0].continue_()  # and the page is complete only now
    page.wait_for_timeout(1200)  # a second request would be under way by now
    assert len(line.routes) == 1
    line.go()
    expect(page.locator("main .alert[role=status]")).to_be_visible()


def test_a_template_that_is_being_written_outlives_reload_lost_line_and_sign_out(sit: Sit, desk: Desk) -> None:
    seat = sit(OPERATOR, path=EDITOR)
    page, words = seat.page, seat.page.locator("#benefit")
    page.fill("#benefit", "{customer}，祝您生日快乐！")
    page.reload()
    expect(words).to_have_value("{customer}，祝您生日快乐！")
    expect(noticed(page)).to_contain_text(["已恢复"])
    line = Held(page, "**/edit")
    press(page, "#editor button[value=keep]")
    line.wait()
    line.routes[0].abort()
    expect(page).to_have_url("chrome-error://chromewebdata/")  # the browser's own page of a lost line
    page.unroute_all()
    page.goto(f"{desk.url}/console/{EDITOR}")
    expect(words).to_have_value("{customer}，祝您生日快乐！")
    expect(page.locator("#seen")).to_contain_text("祝您生日快乐")  # or it would lead to the sign-in page by itself
    seat.context.clear_cookies()
    page.click("#editor button[value=keep]")
    page.fill("input[name=name]", OPERATOR)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.locator("body.inside")).to_be_attached()
    page.goto(f"{desk.url}/console/{EDITOR}")
    expect(words).to_have_value("{customer}，祝您生日快乐！")
    page.goto(f"{desk.url}/console/care/templates")
    page.goto(f"{desk.url}/console/{EDITOR}")
    expect(words).not_to_have_value("{customer}，祝您生日快乐！")  # whoever went elsewhere by a link begins anew
    seat.complaints.clear()


def test_the_phone_sends_once_and_keeps_what_is_typed(browser: Browser, desk: Desk) -> None:
    page = browser.new_context().new_page()
    page.add_init_script(notices.KEEP)
    script = Held(page, "**/phone.js*", "GET")
    page.goto(f"{desk.url}/phone/?phone=15400000078", wait_until="commit")
    page.locator("#write").fill("额度")
    script.wait()
    expect(page.locator("#composer [type=submit]")).to_be_disabled()  # it would load the page anew, without the words
    script.go()
    expect(page.locator("#composer [type=submit]")).to_be_enabled()  # until then Enter sends nothing
    line = Held(page, "**/api/texts")
    for _twice in range(2):
        page.press("#write", "Enter")
    page.locator("#write").press_sequentially("怎么还")
    line.wait()
    line.go()
    expect(page.locator("#thread li:not(.ours)")).to_have_count(1)
    expect(page.locator("#write")).to_have_value("怎么还")
    page.reload()
    expect(page.locator("#write")).to_have_value("怎么还")
    page.route("**/api/texts", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.press("#write", "Enter")
    expect(noticed(page)).to_have_count(1)
    expect(page.locator("#write")).to_have_value("怎么还")
    page.context.close()


def test_a_switch_of_the_phone_shows_that_it_waits(browser: Browser, desk: Desk) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{desk.url}/phone/?phone=15400000079")
    works(page)
    switch = page.locator("[data-do=off]")
    line = Held(page, "**/api/texts")
    page.fill("#write", "额度")
    switch.click()
    line.wait()
    expect(switch).to_have_attribute("aria-disabled", "true")
    line.go()
    expect(switch).not_to_have_attribute("aria-disabled", "true")
    page.context.close()


def test_a_claim_is_asked_once_and_every_button_of_it_works_again(sit: Sit, desk: Desk) -> None:
    """What is offered has two of them."""
    seat = sit(AGENT, path="queue")
    page = seat.page
    is_live(page)  # a page is told once more what happened right before it was made, and shows the row anew
    [ticket] = desk.waiting(["+8615400000076"], meant_for=AGENT)
    buttons = [page.locator(f"{where} [data-claim]") for where in (f"[data-offer='{ticket}']", f"#ticket-{ticket}")]
    line = Held(page, "**/claim")
    buttons[0].click()
    line.wait()
    expect(buttons[0]).to_be_disabled()
    buttons[1].click()
    page.wait_for_timeout(300)  # a second request would be under way by now
    assert len(line.routes) == 1
    line.routes[0].abort()
    expect(noticed(page)).to_contain_text(["连不上服务器"])
    for button in buttons:
        expect(button).to_be_enabled()
    page.unroute_all()
    line = Held(page, "**/claim")
    buttons[1].click()
    line.wait()
    line.lose_answer()
    expect(page.locator(f"#q-mine #ticket-{ticket}")).to_be_visible()
    page.click(f"#ticket-{ticket} [data-open]")
    expect(page.locator("#composer:not([data-closed])")).to_be_attached()
    assert [row.actor for row in desk.rows(tables.Audit, action="ticket.claim", subject=f"ticket:{ticket}")] == [AGENT]
    seat.complaints.clear()
