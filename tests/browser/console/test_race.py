"""Two agents press the same button at the same moment, fifty times: one gets the customer, the other is told who."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from app.store import tables
from tests.browser.console.conftest import Sit
from tests.browser.console.desk import AGENT, COLLEAGUE, Desk
from tests.browser.console.seats import is_live
from tests.browser.notices import noticed

pytestmark = pytest.mark.browser

ROUNDS = 50
BATCH = 10
PRESS = """([id, at]) => {
  const button = document.querySelector(`#ticket-${id} [data-claim]`);
  const tell = (kind) => button.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
  const letGo = () => {
    tell("pointerup");
    button.click();
  };
  const wait = () => (Date.now() < at ? setTimeout(wait, Math.max(0, at - Date.now() - 2)) : letGo());
  tell("pointerdown");
  wait();
}"""
"""Held down until the moment comes: the row under the finger stays, however early the other one was."""
SOON = 120  # milliseconds from now until both press: enough to tell both of them


def stay(route: Route) -> None:
    """The one who won is led to the conversation. That page is looked at in other tests: here they stay."""
    if route.request.is_navigation_request():
        route.fulfill(status=204)
    else:
        route.continue_()


def race(pages: dict[str, Page], ticket: int) -> dict[str, int]:
    """Both press at one moment. What the server answered to each."""
    at = pages[AGENT].evaluate("Date.now()") + SOON
    claimed = f"**/tickets/{ticket}/claim"
    with pages[AGENT].expect_response(claimed) as first, pages[COLLEAGUE].expect_response(claimed) as second:
        for page in pages.values():
            page.evaluate(PRESS, [ticket, at])
    return {AGENT: first.value.status, COLLEAGUE: second.value.status}


def test_fifty_races_have_one_winner_each(desk: Desk, sit: Sit) -> None:
    for name in (AGENT, COLLEAGUE):
        desk.change(tables.Agent, {"name": name}, most_open=2 * ROUNDS)
    pages = {name: sit(name).page for name in (AGENT, COLLEAGUE)}
    for page in pages.values():
        page.route("**/console/tickets/*", stay)
        is_live(page)
    winners = []
    for batch in range(ROUNDS // BATCH):
        tickets = desk.waiting([f"+86154{batch:04}{number:04}" for number in range(100, 100 + BATCH)])
        for page in pages.values():
            expect(page.locator(f"#ticket-{tickets[-1]} [data-claim]")).to_be_visible()
        for ticket in tickets:
            answered = race(pages, ticket)
            assert sorted(answered.values()) == [204, 409], f"ticket {ticket}: {answered}"
            winner, loser = sorted(answered, key=answered.__getitem__)
            winners.append(winner)
            expect(noticed(pages[loser])).to_have_count(len(winners) - winners.count(loser))
            expect(noticed(pages[loser]).last).to_contain_text(f"{winner}已经接入")
            [row] = desk.rows(tables.Ticket, id=ticket)
            assert (row.state, row.agent) == ("claimed", winner)
    claims = [row.subject for row in desk.rows(tables.Audit, action="ticket.claim")]
    assert len(claims) == len(set(claims)) == ROUNDS
    greeted = [row.phone for row in desk.rows(tables.Message)]
    assert len(greeted) == len(set(greeted)), "somebody was greeted twice"
    print(f"won: {winners.count(AGENT)} and {winners.count(COLLEAGUE)}")


def test_the_winner_is_led_to_the_conversation_and_the_other_reads_on(desk: Desk, sit: Sit) -> None:
    pages = {name: sit(name).page for name in (AGENT, COLLEAGUE)}
    [ticket] = desk.waiting(["+8615499999999"])
    for page in pages.values():
        expect(page.locator(f"#ticket-{ticket} [data-claim]")).to_be_visible()
    answered = race(pages, ticket)
    winner, loser = sorted(answered, key=answered.__getitem__)
    pages[winner].wait_for_url(f"**/tickets/{ticket}")
    expect(pages[loser]).to_have_url(f"{desk.url}/console/queue")
    # The row goes to the winner's other conversations; who was too late is told even so.
    expect(pages[loser].locator(f"[data-section=others] #ticket-{ticket}")).to_be_attached()
    expect(noticed(pages[loser])).to_contain_text([f"{winner}已经接入"])
    pages[loser].goto(f"{desk.url}/console/tickets/{ticket}")
    expect(pages[loser].locator("#lock")).to_contain_text(winner)
    expect(pages[loser].locator("#text")).not_to_be_editable()
