"""The phone in the browser, on a service that runs as `make run` starts it. Every test plays a customer of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import notices, patience
from tests.browser.handset import arrived, count_of, counted, ours, press, theirs, works, write
from tests.browser.notices import noticed
from tests.peers.install import MODULES, ensure
from tests.servers.service import Service, running_service

pytestmark = pytest.mark.browser

WANG, LI, OUYANG, ZHANG, LIU = (f"+861540000000{n}" for n in range(1, 6))
CHEN, YANG, HUANG, CARTER = (f"+861540000000{n}" for n in range(6, 10))
STRANGER = "+8615400000077"

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("phone"), before=(("migrate",), ("demo-data",))) as running:
        yield running


@pytest.fixture
def open_phone(page: Page, service: Service) -> Iterator[Open]:
    """`open_phone(number, lang="en")` shows the page; whatever it tells the console fails the test."""
    complaints: list[str] = []
    page.set_default_timeout(patience.MILLISECONDS)
    page.add_init_script(notices.KEEP)
    page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def show(number: str = "", **more: str) -> Page:
        asked = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in {"phone": number, **more}.items())
        page.goto(f"{service.url}/phone/?{asked}")
        works(page)
        return page

    yield show
    assert complaints == []


def test_a_newcomer_asks_for_the_quota(open_phone: Open) -> None:
    page = open_phone()
    page.get_by_role("link", name="王先生").click()
    page.get_by_role("button", name="额度", exact=True).click()
    expect(arrived(page)).to_have_count(1)
    expect(arrived(page).locator(".body")).to_contain_text(re.compile(r"验证码 \d{6}"))
    page.get_by_role("button", name=re.compile("^验证码")).click()
    expect(arrived(page)).to_have_count(2)
    expect(arrived(page).last.locator(".body")).to_contain_text("王先生，您的可用额度50,000.00元")
    expect(arrived(page).last.locator(".size")).to_have_text(re.compile(r"^1 条 · \d\d 字$"))
    expect(ours(page).locator(".tick.delivered .word")).to_have_text(["已送达"] * 2)
    expect(page.get_by_role("button", name="2 用款步骤")).to_be_visible()
    expect(page.locator("#heard")).to_contain_text("银行：【示例银行】王先生")
    turns = page.locator("#turns li")
    expect(turns.filter(has_text="quota_query").filter(has_text="proof.code")).to_have_count(1)
    expect(page.locator("#turns")).not_to_contain_text("50,000")
    expect(page.locator("#turns")).not_to_contain_text("验证码")


def test_the_same_text_twice_is_answered_once(open_phone: Open) -> None:
    page = open_phone(LI)
    repeats = count_of(page, 'huifu_inbound_total{outcome="repeat"}')
    page.locator("#write").fill("怎么还钱")
    press(page, "twice")
    counted(page, 'huifu_inbound_total{outcome="repeat"}', repeats + 1)
    expect(arrived(page)).to_have_count(1)
    write(page, "1")  # and its answer shows that nothing else was under way before it
    expect(arrived(page)).to_have_count(2)
    expect(theirs(page)).to_have_count(2)
    expect(page.locator("#write")).to_be_empty()


def test_two_texts_at_once_are_answered_in_the_order_in_which_they_were_kept(open_phone: Open) -> None:
    page = open_phone(OUYANG)
    page.locator("#write").fill("额度")
    press(page, "together")
    expect(theirs(page).locator(".body")).to_have_text(["额度", "怎么还钱"])
    expect(arrived(page)).to_have_count(2)
    meanings = page.locator("#turns .meaning.read code").all_inner_texts()[::-1]  # the list begins with the latest
    words = {"quota_query": "验证码", "repayment_how": "怎么还"}
    assert sorted(meanings) == sorted(words)
    expect(arrived(page).locator(".body")).to_contain_text([words[meaning] for meaning in meanings])


def test_ticks_never_go_back(open_phone: Open) -> None:
    page = open_phone(ZHANG)
    late = count_of(page, 'huifu_receipts_total{outcome="late"}')
    page.evaluate(
        """() => {
            window.seen = [];
            const look = () => document.querySelectorAll('#thread .ours .tick').forEach(tick => {
                const name = tick.className.replace('tick', '').trim();
                if (name && window.seen.at(-1) !== name) window.seen.push(name);
            });
            new MutationObserver(look).observe(document.getElementById('thread'),
                { subtree: true, childList: true, attributes: true });
        }"""
    )
    press(page, "reversed")
    expect(noticed(page)).to_contain_text(["回执次序颠倒"])
    expect(page.locator("[data-do=reversed]")).to_have_attribute("aria-pressed", "true")
    write(page, "怎么还钱")
    expect(ours(page).locator(".tick.delivered")).to_have_count(1)
    expect(page.locator("[data-do=reversed]")).to_have_attribute("aria-pressed", "false")
    counted(page, 'huifu_receipts_total{outcome="late"}', late + 1)  # "sent" has come, after "delivered"
    write(page, "帮助")
    expect(ours(page).locator(".tick.delivered")).to_have_count(2)
    first = page.evaluate("window.seen.slice(0, window.seen.indexOf('delivered') + 1)")
    assert first in (["delivered"], ["waiting", "delivered"])
    expect(ours(page).first.locator(".word")).to_have_text("已送达")


def test_a_lost_receipt_leaves_the_bank_in_doubt(open_phone: Open) -> None:
    page = open_phone(CHEN)
    press(page, "never")
    write(page, "怎么还钱")
    expect(arrived(page)).to_have_count(1)
    expect(ours(page).locator(".word")).to_have_text("等待发出")


def test_a_send_that_times_out_is_settled_and_not_repeated(open_phone: Open) -> None:
    page = open_phone(LIU)
    press(page, "silent")
    write(page, "怎么还钱")
    expect(ours(page).locator(".tick.delivered")).to_have_count(1)
    expect(ours(page)).to_have_count(1)


def test_an_answer_waits_for_a_handset_that_is_off(open_phone: Open) -> None:
    page = open_phone(HUANG)
    press(page, "off")  # with nothing written it sends the first quick reply
    expect(page.locator("#state")).to_have_text("已关机")
    expect(page.locator("#write")).to_be_disabled()
    expect(ours(page).locator(".word")).to_have_text("已发出")
    expect(arrived(page)).to_have_count(0)
    expect(page.locator("[data-do=off] b")).to_have_text("开机")
    press(page, "off")
    expect(arrived(page)).to_have_count(1)
    expect(ours(page).locator(".word")).to_have_text("已送达")
    expect(page.locator("#write")).to_be_enabled()


def test_a_blocked_number_is_refused_until_it_texts_start(open_phone: Open) -> None:
    page = open_phone(YANG)
    press(page, "block")
    expect(page.locator("#state")).to_have_text("被网关拉黑")
    write(page, "怎么还钱")
    failed = ours(page).locator(".tick.failed .word")
    expect(failed).to_have_text("未送达 · 号码被网关拉黑 21610")
    press(page, "block")
    expect(page.locator("#state")).to_have_text("信号良好")
    expect(page.locator("#turns").get_by_text("gateway_start")).to_have_count(1)
    write(page, "怎么还钱")
    expect(ours(page).locator(".tick.delivered")).to_have_count(1)


def test_a_number_that_belongs_to_nobody(open_phone: Open) -> None:
    page = open_phone(WANG)
    page.get_by_label("其他号码").fill("154 0000 0077")
    page.get_by_role("button", name="使用").click()
    expect(page.locator("body")).to_have_attribute("data-phone", STRANGER)
    works(page)
    write(page, "额度")
    expect(arrived(page).locator(".body")).to_contain_text("这个号码不能在短信里查询")
    page.get_by_label("其他号码").fill("<b>12")
    page.get_by_role("button", name="使用").click()
    expect(page.locator("#number-fault")).to_have_text("不是手机号：<b>12")


def test_english_is_remembered(open_phone: Open) -> None:
    page = open_phone(CARTER)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page = open_phone(CARTER)
    expect(page.get_by_role("heading", name="What the service did")).to_be_visible()
    write(page, "how do I repay")
    expect(arrived(page).locator(".body")).to_contain_text("repay?")
    expect(arrived(page).locator(".size")).to_have_text(re.compile(r"^\d parts? · \d+ units$"))
    expect(ours(page).locator(".word")).to_have_text("delivered")


def test_a_page_that_is_opened_later_has_the_whole_thread(open_phone: Open) -> None:
    page = open_phone("+8615400000012")
    write(page, "怎么还钱")
    expect(ours(page).locator(".tick.delivered")).to_have_count(1)
    page = open_phone("+8615400000012")
    expect(arrived(page)).to_have_count(1)
    expect(page.locator("#heard")).to_be_empty()  # nothing new has come, so nothing is read out


def test_on_a_small_screen_the_phone_comes_first(open_phone: Open, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_phone("+8615400000013")
    expect(page.locator(".handset")).to_be_visible()
    expect(page.locator(".people")).to_be_hidden()
    page.get_by_role("button", name="网络").click()
    expect(page.locator(".handset")).to_be_hidden()
    press(page, "repeated")
    page.get_by_role("button", name="手机").click()
    write(page, "怎么还钱")
    expect(ours(page).locator(".tick.delivered")).to_have_count(1)
    page.get_by_role("button", name="客户").click()
    page.get_by_role("link", name="王先生").click()
    expect(page.locator(".handset")).to_be_visible()
    works(page)
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_is_enough(open_phone: Open) -> None:
    page = open_phone("+8615400000078")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#write")).to_be_focused()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    expect(page.locator("#size")).to_have_text("1 条 · 7 字")
    page.keyboard.press("Enter")
    expect(theirs(page).locator(".body")).to_have_text("第一行\n第二行", use_inner_text=True)
    expect(page.locator("#size")).to_be_empty()


def test_what_a_customer_writes_is_never_markup(open_phone: Open) -> None:
    page = open_phone("+8615400000079")
    write(page, "<img src=x onerror=alert(1)> 😀")
    expect(theirs(page).locator(".body")).to_have_text("<img src=x onerror=alert(1)> 😀")
    expect(page.locator("#thread img")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(browser: Browser, service: Service, language: str, scheme: Any) -> None:
    """axe-core's rules for WCAG 2.2 AA, wide and in each pane of a small screen."""
    ensure()
    axe = (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    # Without motion: a text that is half faded in has no contrast yet.
    view: Any = {"color_scheme": scheme, "reduced_motion": "reduce", "viewport": {"width": 1280, "height": 900}}
    context = browser.new_context(**view)
    page = context.new_page()
    page.set_default_timeout(patience.MILLISECONDS)
    page.goto(f"{service.url}/phone/?lang={language}&phone=%2B8615400000090")
    page.locator("#chips button").first.click()
    expect(arrived(page).first).to_be_visible()
    page.evaluate(axe)  # through the debugger: the page's own policy would refuse it, rightly
    faults = page.evaluate(CHECK)
    page.set_viewport_size({"width": 390, "height": 844})
    for pane in ("network", "people", "phone"):
        page.locator(f"[data-show={pane}]").click()
        faults += page.evaluate(CHECK)
    context.close()
    assert faults == []


CHECK = """async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return found.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.target}: ${node.failureSummary}`));
}"""
