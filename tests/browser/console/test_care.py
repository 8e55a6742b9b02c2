"""Texts that start conversations, as operators and supervisors work on them in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import OPERATOR, SUPERVISOR, Desk, until

pytestmark = pytest.mark.browser

WORDS = "{customer}，祝您生日快乐！愿您今天有人相伴。有事随时回复1约回电，客服{hotline}。"


def edit(page: Page, url: str, words: str) -> None:
    page.goto(f"{url}/console/care/templates/birthday/zh-CN/edit")
    page.fill("#body", words)


def test_a_text_is_written_with_its_preview_and_let_go_by_a_second_person(desk: Desk, sit: Sit) -> None:
    writer, second = sit(OPERATOR).page, sit(SUPERVISOR).page
    edit(writer, desk.url, "{customer}，生日快乐，百分百通过！")
    seen = writer.locator("#seen")
    expect(seen.locator("mark").first).to_have_text("百分百")
    expect(seen).to_contain_text("over_promise")
    expect(seen.locator(".tail").first).to_have_text(re.compile(r"…\d{4}"))
    writer.fill("#body", WORDS)
    expect(seen).to_contain_text("祝您生日快乐")
    expect(seen.locator("mark")).to_have_count(0)
    expect(seen).to_contain_text("¥0.05")

    writer.locator("button[value=keep]").click()
    expect(writer.locator("[role=status]").first).to_contain_text("版本 1")
    expect(writer.locator("button[value=approve]")).to_have_count(0)

    second.goto(f"{desk.url}/console/care/templates?state=draft")
    second.locator(".row-main", has_text="birthday").first.click()
    expect(second.locator("#draft-1 ins").first).to_have_text("祝您")
    second.locator("#draft-1 button[value=reject]").click()
    expect(second.locator("#reason-1")).to_have_attribute("aria-invalid", "true")
    second.locator("#draft-1 button[value=approve]").click()
    expect(second.locator(".alert-success")).to_contain_text("版本 1")
    expect(second.locator(".words-shown")).to_contain_text("祝您生日快乐")
    [row] = desk.rows(tables.TemplateVersion)
    assert (row.state, row.author, row.judged_by) == ("approved", OPERATOR, SUPERVISOR)


def test_of_two_who_write_at_once_the_slower_keeps_every_word(desk: Desk, sit: Sit) -> None:
    faster, slower = sit(OPERATOR).page, sit(OPERATOR).page
    theirs, mine = WORDS.replace("愿您", "愿你"), WORDS.replace("愿您", "盼您")
    for page, words in ((faster, theirs), (slower, mine)):
        edit(page, desk.url, words)
    faster.locator("button[value=keep]").click()
    expect(faster.locator(".alert-success")).to_be_visible()
    slower.locator("button[value=keep]").click()
    expect(slower.locator("[role=alert]")).to_contain_text("先了一步")
    expect(slower.locator("#body")).to_have_value(mine)
    expect(slower.locator("[role=alert] dd ins").first).to_contain_text("盼")
    slower.locator("button[value=keep]").click()
    expect(slower.locator(".alert-success")).to_be_visible()


def test_a_programme_is_tried_switched_on_planned_and_switched_off(desk: Desk, sit: Sit) -> None:
    page = sit(OPERATOR).page
    page.goto(f"{desk.url}/console/care/programmes/repayment_reminder")
    page.get_by_role("button", name="谁会收到？").click()
    expect(page.locator("#dry-result .dry-head")).to_contain_text("位客户会收到")
    assert desk.rows(tables.Occasion) == []

    page.get_by_role("button", name="启用").click()
    number = page.locator("#confirm-title")
    expect(number.or_(page.locator(".alert-success"))).to_be_visible()
    if number.count():  # as many as the demo bank has today
        expect(page.locator("#expected")).to_be_focused()
        page.fill("#expected", re.findall(r"\d+", number.inner_text())[-1])
        page.press("#expected", "Enter")
    expect(page.locator(".alert-success")).to_contain_text("已启用")

    page.goto(f"{desk.url}/console/care/plans")
    page.select_option("#scope", "repayment_reminder")
    page.check("[name=sure]")
    page.get_by_role("button", name="开始").click()
    expect(page.locator("#content")).to_contain_text(re.compile("几秒内开始|正在排期"))
    done = until(lambda: [run for run in desk.rows(tables.PlanRun, scope="repayment_reminder") if run.state == "done"])
    assert done, desk.rows(tables.PlanRun)
    # The page finds by itself that the run is over.
    expect(page.locator("#plans progress")).to_have_count(0)
    expect(page.locator(f"#run-{done[0].id}")).to_contain_text("完成")

    page.goto(f"{desk.url}/console/care/programmes/repayment_reminder")
    page.get_by_role("button", name="停用").click()
    expect(page.locator(".alert-success")).to_contain_text("已停用")


def test_everything_but_the_preview_works_without_scripts(desk: Desk, sit: Sit) -> None:
    seat = sit(OPERATOR, java_script_enabled=False)
    page = seat.page
    edit(page, desk.url, WORDS.replace("愿您", "祝愿您"))
    page.get_by_role("button", name="看看效果").click()
    expect(page.locator("#seen")).to_contain_text("祝愿您今天有人相伴")
    expect(page.locator("#body")).to_have_value(WORDS.replace("愿您", "祝愿您"))
    page.goto(f"{desk.url}/console/care/programmes/birthday")
    page.get_by_role("button", name="谁会收到？").click()
    expect(page.locator("#dry-result .dry-head")).to_contain_text("位客户会收到")
    expect(page.locator("h1")).to_have_text("生日祝福")
