"""Without scripts, or before they are there: notes, the menu and the customer's facts on a small screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, Desk
from tests.browser.console.line import Held
from tests.browser.console.seats import claim

pytestmark = pytest.mark.browser

WHO = "+8615400000001"
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def talk(desk: Desk) -> str:
    """The path of a conversation that waits."""
    desk.text(WHO, "转人工")
    return f"tickets/{desk.ticket(WHO).id}"


def claimed(page: Page, desk: Desk) -> None:
    """Whoever is not heard of for a minute loses it again, and without scripts nobody is heard of."""
    if page.locator("[data-claim-here]").is_visible():
        claim(page)
    desk.stays(AGENT)
    expect(page.locator("#composer:not([data-closed])")).to_be_attached()


@pytest.mark.parametrize("view", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_note_is_kept(sit: Sit, desk: Desk, talk: str, view: dict[str, int]) -> None:
    page = sit(AGENT, path=talk, java_script_enabled=False, viewport=view).page
    claimed(page, desk)
    body, said = page.locator("#note-body"), f"客户着急 {view['width']}"
    expect(page.locator("#text")).to_be_visible()
    expect(body).to_be_hidden()
    page.locator(".compose-tab", has_text="备注").click()
    expect(page.locator("#text")).to_be_hidden()
    page.fill("#note-body", said)
    box = page.locator("#note button").bounding_box()
    assert box
    button = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    line = Held(page, "**/note")
    page.mouse.click(*button)
    line.wait()
    line.routes[0].fetch()  # the server has it, and its answer does not come
    page.mouse.click(*button)
    line.wait(2)
    line.routes[1].continue_()
    page.unroute_all()
    kept = page.locator(".t-note .t-words", has_text=said)
    expect(kept).to_be_in_viewport()
    expect(kept).to_have_count(1)
    assert [row.body for row in desk.rows(tables.Note)].count(said) == 1

    page.locator(".compose-tab", has_text="备注").click()
    page.click("#note button")
    expect(page.get_by_role("alert").filter(visible=True)).to_have_text("备注还没有内容。")
    expect(body).to_be_visible()
    page.locator(".compose-tab", has_text="回复").click()
    expect(body).to_be_hidden()
    page.fill("#text", "您好，请问有什么可以帮您？")
    page.click("#send")
    expect(page.locator(".t-agent .t-words", has_text="请问有什么可以帮您").last).to_be_in_viewport()


def test_the_menu_opens_and_closes_on_a_small_screen(sit: Sit) -> None:
    page = sit(AGENT, path="queue", java_script_enabled=False, viewport=NARROW).page
    calls = page.locator("#rail a", has_text="回电")
    expect(calls).not_to_be_in_viewport()
    page.click(".rail-open")
    expect(calls).to_be_in_viewport()
    page.mouse.click(380, 600)  # beside it
    expect(calls).not_to_be_in_viewport()
    page.click(".rail-open")
    calls.click()
    expect(page).to_have_url(re.compile("/console/callbacks$"))
    expect(calls).not_to_be_in_viewport()
    page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    expect(calls).to_be_in_viewport()


def test_the_customers_facts_open_and_close_on_a_small_screen(sit: Sit, talk: str) -> None:
    page = sit(AGENT, path=talk, java_script_enabled=False, viewport=NARROW).page
    facts = page.locator("#facts")
    expect(facts).not_to_be_in_viewport()
    page.click(".side-open")
    expect(facts).to_be_in_viewport()
    page.click(".side-close")
    expect(facts).not_to_be_in_viewport()
    page.click(".side-open")
    page.mouse.click(10, 600)
    expect(facts).not_to_be_in_viewport()


def test_what_was_opened_before_the_scripts_were_there_closes(sit: Sit, talk: str) -> None:
    page = sit(AGENT, path=talk, viewport=NARROW).page
    line = Held(page, "**/bootstrap.min.js*", "GET")
    page.reload(wait_until="commit")
    line.wait()
    calls = page.locator("#rail a", has_text="回电")
    page.click(".rail-open")
    expect(calls).to_be_in_viewport()
    line.go()
    page.wait_for_load_state()
    expect(calls).to_be_in_viewport()
    page.mouse.click(380, 600)
    expect(calls).not_to_be_in_viewport()
    page.click(".rail-open")
    expect(page.locator("#rail")).to_have_class(re.compile(r"\bshow\b"))  # by the script from here on
    assert not page.url.endswith("#rail")
    page.keyboard.press("Escape")
    expect(calls).not_to_be_in_viewport()


def test_tabs_are_chosen_by_keys_too(sit: Sit, desk: Desk, talk: str) -> None:
    page = sit(AGENT, path=talk).page
    claimed(page, desk)
    expect(page.locator("#note-body")).to_be_hidden()
    page.locator("[name=tab][value=reply]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#note-body")).to_be_visible()
    expect(page.locator("[name=tab][value=note]")).to_be_focused()  # an arrow only chooses
    page.keyboard.press("Tab")
    expect(page.locator("#note-body")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#note-body")).to_be_hidden()
    page.locator(".compose-tab", has_text="备注").click()
    expect(page.locator("#note-body")).to_be_focused()
