"""Laptops are closed, servers are started anew, streams are refused: what the people at both ends then see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from app.store import events, tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, COLLEAGUE, SUPERVISOR, Desk, until
from tests.browser.console.seats import is_live

pytestmark = pytest.mark.browser

LIU, CHEN, HUANG = (f"+861540000000{n}" for n in (5, 6, 8))


def a_minute_passes(desk: Desk, name: str, ticket: int) -> bool:
    """Nothing was heard of somebody for a minute: the moment until which they count as there is over."""

    def is_back() -> bool:
        desk.change(tables.Agent, {"name": name}, alive_until=datetime.now(UTC) - timedelta(seconds=1))
        [row] = desk.rows(tables.Ticket, id=ticket)
        return bool(row.state == "waiting")

    return bool(until(is_back))


def test_a_closed_laptop_gives_its_customers_back(desk: Desk, sit: Sit) -> None:
    watches = sit(COLLEAGUE).page
    left = sit(AGENT)
    desk.say(LIU, "转人工")
    ticket = desk.ticket(LIU)
    left.page.locator(f"#ticket-{ticket.id} [data-claim]").click()
    left.page.wait_for_url("**/tickets/*")
    expect(watches.locator(f"[data-section=others] #ticket-{ticket.id}")).to_be_attached()
    # Nothing is on its way to the customer, as after a wait of more than 30 seconds.
    assert until(lambda: len(desk.handset(LIU)) == len(desk.rows(tables.Message, phone=LIU)))
    read = desk.handset(LIU)

    left.context.close()
    assert a_minute_passes(desk, AGENT, ticket.id)

    waits = watches.locator(f"#q-talks #ticket-{ticket.id}")
    expect(waits).to_be_visible()
    assert desk.handset(LIU) == read, "the customer is told nothing of it"
    waits.locator("[data-claim]").click()
    watches.wait_for_url(f"**/tickets/{ticket.id}")
    assert desk.ticket(LIU).agent == COLLEAGUE
    expect(watches.locator("#transcript")).to_contain_text(AGENT)


def test_a_laptop_that_wakes_up_is_told_and_keeps_what_was_typed(desk: Desk, sit: Sit) -> None:
    seat = sit(AGENT)
    page = seat.page
    desk.say(CHEN, "转人工")
    ticket = desk.ticket(CHEN)
    page.locator(f"#ticket-{ticket.id} [data-claim]").click()
    page.wait_for_url("**/tickets/*")
    is_live(page)
    page.fill("#text", "您好，结清证明在手机银行")

    seat.context.set_offline(True)
    assert a_minute_passes(desk, AGENT, ticket.id)
    seat.context.set_offline(False)

    # The page locks the words, and comes anew with what one may do now: only then there is something to claim.
    expect(page.locator("#lock [data-claim-here]")).to_be_visible()
    expect(page.locator("#text")).not_to_be_editable()
    expect(page.locator("#text")).to_have_value("您好，结清证明在手机银行")
    page.locator("#text").blur()
    page.keyboard.press("c")
    expect(page.locator("#text")).to_be_editable()
    expect(page.locator("#text")).to_have_value("您好，结清证明在手机银行")
    seat.complaints[:] = [one for one in seat.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def test_a_page_outlives_the_server_and_shows_what_happened_meanwhile(desk: Desk, sit: Sit) -> None:
    seat = sit(AGENT)
    page = seat.page
    desk.say(HUANG, "转人工")
    ticket = desk.ticket(HUANG)
    page.locator(f"#ticket-{ticket.id} [data-claim]").click()
    page.wait_for_url("**/tickets/*")
    is_live(page)
    page.fill("#text", "网点周末九点开门")
    desk.stays(AGENT)  # the service may need more than a minute to be back
    desk.service.stop()
    is_live(page, "away")
    expect(page.locator("#live-state .live-said")).to_have_text("连接断开，正在重试")
    [missed] = desk.waiting(["+8615400000901"])
    desk.service.start()
    is_live(page)
    desk.text(HUANG, "还在吗")
    expect(page.locator("#transcript .t-heard").last).to_contain_text("还在吗")
    expect(page.locator("#text")).to_have_value("网点周末九点开门")
    page.locator("#transcript").focus()
    page.keyboard.press("g")
    expect(page.locator(f"#ticket-{missed}")).to_be_visible()
    seat.complaints[:] = [one for one in seat.complaints if "ERR_" not in one]  # the browser's own about the server


def test_a_page_whose_stream_is_refused_asks_and_shows_the_same(desk: Desk, sit: Sit) -> None:
    """As by the cap of pages, or by a proxy that lets no stream through."""
    seat = sit()
    seat.context.route("**/console/events*", lambda route: route.fulfill(status=503, body="full"))
    page = seat.sign_in(AGENT)
    is_live(page, "asking")
    [ticket] = desk.waiting(["+8615400000902"])
    expect(page.locator(f"#ticket-{ticket}")).to_be_visible()
    seat.complaints[:] = [one for one in seat.complaints if "503" not in one]


@pytest.mark.parametrize(("path", "kind"), [("callbacks", "callbacks"), ("figures", "agents")])
def test_a_part_that_a_blip_kept_away_is_fetched_a_little_later(
    desk: Desk, sit: Sit, path: str, kind: events.Kind
) -> None:
    """Nothing more happens that could remind the page of it."""
    seat = sit(SUPERVISOR)
    page = seat.page
    lost = []

    def lose_one(route: Route) -> None:
        if route.request.headers.get("hx-request") and not lost:
            lost.append(route.request.url)
            route.abort("internetdisconnected")
        else:
            route.fallback()

    page.route(f"**/console/{path}*", lose_one)  # from the first request on: somebody's coming may be news already
    page.goto(f"{desk.url}/console/{path}")
    is_live(page)
    shown = page.locator(f"#{path}")
    before = shown.get_attribute("data-now")
    assert before
    now = datetime.now(UTC)
    with desk.database.begin() as connection:
        events.tell(connection, kind, now, None)
    expect(shown).not_to_have_attribute("data-now", before)
    assert lost
    seat.complaints[:] = [one for one in seat.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def test_a_row_that_is_renewed_under_the_finger_is_claimed_all_the_same(desk: Desk, sit: Sit) -> None:
    [ticket] = desk.waiting(["+8615400000903"])
    page = sit(AGENT).page
    is_live(page)
    page.evaluate(
        """id => document.addEventListener("pointerdown", () => {
            const { outerHTML: html } = document.querySelector(`#ticket-${id}`);
            document.body.dispatchEvent(new CustomEvent("huifu:ticket", { detail: { id, html } }));
        }, { once: true })""",
        ticket,
    )
    page.locator(f"#ticket-{ticket} [data-claim]").click()
    page.wait_for_url(f"**/tickets/{ticket}")
