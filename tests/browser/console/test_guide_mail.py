"""An agent sends a picture guide by e-mail beside a text: what a real browser makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, Desk, running_desk, until
from tests.browser.console.line import Held
from tests.browser.console.seats import claim
from tests.browser.console.test_everybody import faults_of, scrolls_sideways
from tests.companions.postbox import Postbox, postbox
from tests.peers.install import MODULES, ensure

pytestmark = pytest.mark.browser

WANG, LI, CARTER = "+8615400000001", "+8615400000002", "+8615400000009"


@pytest.fixture(scope="module")
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, box: Postbox) -> Iterator[Desk]:
    mail = {"SMTP_URL": f"smtp://127.0.0.1:{box.port}", "EMAIL_FROM": "service@bank.example.cn"}
    with running_desk(tmp_path_factory.mktemp("guide"), mail) as running:
        yield running


@pytest.fixture(scope="module")
def axe() -> str:
    ensure()
    return (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def test_it_is_sent_from_the_talk_and_the_thread_tells_how_it_stands(desk: Desk, sit: Sit, box: Postbox) -> None:
    desk.say(WANG, "怎么提额")
    desk.text(WANG, "转人工")
    page = sit(AGENT, path=f"tickets/{desk.ticket(WANG).id}").page
    claim(page)
    page.click("#guide-open")
    dialog = page.locator("#box-guide")
    expect(dialog).to_contain_text("j***@...com")
    expect(dialog.locator("select")).to_have_value("renew_limit")
    dialog.locator("textarea").fill("百分百通过，请看邮件。")
    dialog.locator("button").click()
    expect(dialog.locator(".box-refused")).to_be_visible()
    expect(dialog).to_be_visible()

    dialog.locator("select").select_option("draw")
    dialog.locator("textarea").fill("王先生，用款步骤已发到您的邮箱，请查收。")
    dialog.locator("button").click()
    expect(dialog).to_be_hidden()
    text = page.locator(".t-agent", has_text="用款步骤已发到您的邮箱")
    expect(text).to_contain_text("图文指引邮件（用款）：已发出")
    desk.reads(WANG, "用款步骤已发到您的邮箱")
    assert [letter["To"] for letter in box.letters] == ["jianguo.wang@example.com"]

    box.at_rcpt = "550 no such user"
    page.click("#guide-open")
    expect(dialog.locator("textarea")).to_have_value(re.compile("图文步骤正发往"))  # and no words of the one before
    dialog.locator("select").select_option("repay_app")
    dialog.locator("button").click()
    expect(page.locator(".t-state-failed")).to_contain_text("没有发出，邮件服务器不接收（550）")
    box.at_rcpt = ""


def test_a_click_before_the_script_is_there_is_no_trap(desk: Desk, sit: Sit) -> None:
    """The link opens the dialog by the address then; it closes all the same."""
    desk.text(LI, "转人工")
    page = sit(AGENT, path=f"tickets/{desk.ticket(LI).id}").page
    claim(page)
    expect(page.locator("#guide-open")).to_be_visible()
    script = Held(page, "**/talk.js*", "GET")
    page.reload(wait_until="commit")
    dialog = page.locator("#box-close")
    page.locator("a[href='#box-close']").click()
    expect(dialog).to_be_visible()
    dialog.locator("[value=answered]").check()
    script.wait()
    script.go()
    expect(dialog).to_have_attribute("open", "")
    expect(dialog.locator("[value=answered]")).to_be_checked()
    dialog.locator("[data-close]").click()
    expect(dialog).to_be_hidden()


def test_a_lost_answer_mails_the_same_guide_once_and_another_too(desk: Desk, sit: Sit, box: Postbox) -> None:
    desk.text(LI, "转人工")
    seat = sit(AGENT, path=f"tickets/{desk.ticket(LI).id}")
    page, dialog = seat.page, seat.page.locator("#box-guide")
    if page.locator("[data-claim-here]").count():
        claim(page)
    desk.stays(AGENT)
    before = len(box.letters)

    def send(guide: str) -> None:
        dialog.locator("select").select_option(guide)
        dialog.locator("textarea").fill("李女士，步骤已发到您的邮箱，请查收。")
        dialog.locator("button").click()

    for lost, then in (("draw", "draw"), ("renew_limit", "repay_app")):
        page.click("#guide-open")
        line = Held(page, "**/guide")
        send(lost)
        line.wait()
        line.lose_answer()
        expect(dialog.locator(".box-refused")).to_contain_text("连不上服务器")
        page.reload()
        page.click("#guide-open")
        send(then)
        expect(dialog).to_be_hidden()
    until(lambda: len(box.letters) >= before + 3)
    sent = [row.detail["guide"] for row in desk.rows(tables.Audit, action="ticket.guide", actor=AGENT)]
    assert sent[-3:] == ["draw", "renew_limit", "repay_app"]
    assert len(box.letters) == before + 3
    texts = [row for row in desk.rows(tables.Message, phone=LI) if "步骤已发到您的邮箱" in row.body]
    assert len(texts) == 3
    seat.complaints.clear()  # the browser tells of every request that is lost


@pytest.mark.parametrize(
    ("phone", "language", "width"), [(LI, "zh-CN", 390), (CARTER, "en", 1280), (CARTER, "en", 390)]
)
def test_nobody_is_shut_out(desk: Desk, sit: Sit, axe: str, phone: str, language: str, width: int) -> None:
    desk.text(phone, "agent" if language == "en" else "转人工")
    seat = sit(AGENT, path=f"tickets/{desk.ticket(phone).id}", viewport={"width": width, "height": 860})
    page = seat.page
    if page.locator("[data-claim-here]").count():
        claim(page)
        expect(page.locator("#guide-open")).to_be_visible()
    desk.change(tables.Agent, {"name": AGENT}, interface=language)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert [*faults_of(page, axe), *map(str, scrolls_sideways(page))] == []
    page.set_viewport_size({"width": width, "height": 860})
    page.click("#guide-open")
    expect(page.locator("#box-guide")).to_be_visible()
    assert [*faults_of(page, axe), *map(str, scrolls_sideways(page))] == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": width, "height": 860})
    desk.change(tables.Agent, {"name": AGENT}, interface="")


def test_without_an_address_the_button_says_why(desk: Desk, sit: Sit) -> None:
    chen = "+8615400000006"
    desk.text(chen, "转人工")
    assert until(lambda: desk.rows(tables.Ticket, phone=chen))
    page = sit(AGENT, path=f"tickets/{desk.ticket(chen).id}").page
    claim(page)
    button = page.locator("#guide-open")
    expect(button).to_have_attribute("title", "没有客户的邮箱，或者邮箱不止一个。")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(page.locator("#box-guide")).to_have_count(0)
