"""Live pages in a real browser: they hear, come back, ask when there is no stream, and call the person before them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from app.store import events, tables
from app.store.database import Database
from tests.servers.service import COMMAND, Service

pytestmark = pytest.mark.browser

PASSWORD = "竹林深处有一只白鹤在等月亮"
HEARD = """() => {
  window.heard = [];
  for (const kind of ["ticket", "talk", "presence", "agents", "resync"])
    document.body.addEventListener(`huifu:${kind}`, (event) => window.heard.push([kind, event.detail]));
}"""


def add_person(service: Service, name: str, role: str) -> None:
    words = [*COMMAND, "agents", "add", name, "--role", role, "--password-stdin"]
    subprocess.run(words, cwd=service.folder, env=service._environment, input=f"{PASSWORD}\n", text=True, check=True)


@pytest.fixture
def sit(browser: Browser) -> Iterator[Callable[[Service, str], Page]]:
    """Signs somebody in, in a browser context of their own, and opens the queue."""
    contexts = []

    def open_page(service: Service, name: str) -> Page:
        context = browser.new_context(locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{service.url}/console/login")
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/console/queue")
        page.evaluate(HEARD)
        return page

    yield open_page
    for context in contexts:
        context.close()


def state(page: Page, name: str) -> None:
    expect(page.locator("#live-state")).to_have_attribute("data-state", name, timeout=20_000)


def add_ticket(service: Service, phone: str) -> int:
    """A customer waits, in the database of a running service, as another process would write it."""
    database = Database(f"sqlite:///{service.folder}/huifu.db", threads=1)
    now = datetime.now(UTC)
    row = {"phone": phone, "kind": "talk", "topic": "human", "state": "waiting", "opened_at": now, "waiting_since": now}
    with database.begin() as connection:
        ticket = connection.execute(insert(tables.Ticket).values(row).returning(tables.Ticket.id)).scalar_one()
        events.tell(connection, "ticket", now, ticket)
    database.close()
    return int(ticket)


def hears(page: Page, ticket: int) -> None:
    page.wait_for_function(
        "id => window.heard.some(([kind, told]) => kind === 'ticket' && told.id === id)", arg=ticket, timeout=20_000
    )
    expect(page.locator(f"#ticket-{ticket}")).to_be_visible()


def test_a_page_hears_and_comes_back_after_the_service_was_away(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service()
    add_person(service, "小李", "agent")
    page = sit(service, "小李")
    state(page, "live")
    hears(page, add_ticket(service, "+8613800138001"))
    began = time.monotonic()
    service.stop()
    assert time.monotonic() - began < 10, "an open page held the service up"
    state(page, "away")
    missed = add_ticket(service, "+8613800138002")
    service.start()
    hears(page, missed)
    state(page, "live")


def test_a_page_without_a_stream_asks(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service({"CONSOLE_PAGES": "0"})
    add_person(service, "小李", "agent")
    page = sit(service, "小李")
    state(page, "asking")
    hears(page, add_ticket(service, "+8613800138001"))


def test_the_fourth_tab_of_a_browser_asks_so_that_all_of_them_can_work(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service()
    add_person(service, "小李", "agent")
    first = sit(service, "小李")
    tabs = [first]
    for _ in range(3):
        tabs.append(first.context.new_page())
        tabs[-1].goto(f"{service.url}/console/queue")
        tabs[-1].evaluate(HEARD)
    for tab in tabs[:3]:
        state(tab, "live")
    state(tabs[3], "asking")
    ticket = add_ticket(service, "+8613800138001")
    for tab in tabs:
        hears(tab, ticket)


def test_who_is_signed_out_elsewhere_is_told(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service()
    add_person(service, "小李", "agent")
    page = sit(service, "小李")
    state(page, "live")
    service.command("agents", "reset", "小李")
    database = Database(f"sqlite:///{service.folder}/huifu.db", threads=1)
    with database.begin() as connection:
        events.tell(connection, "agents", datetime.now(UTC))
    database.close()
    state(page, "over")


def test_colleagues_see_who_looks_and_who_types(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service()
    for name in ("小李", "小王"):
        add_person(service, name, "agent")
    ticket = add_ticket(service, "+8613800138001")
    watches, looks = sit(service, "小王"), sit(service, "小李")
    state(watches, "live")
    looks.goto(f"{service.url}/console/tickets/{ticket}")

    def told(condition: str) -> None:
        watches.wait_for_function(
            f"() => {{ const [last] = window.heard.filter(([kind]) => kind === 'presence').slice(-1);"
            f" if (!last) return false; const people = last[1].people; return {condition}; }}",
            timeout=20_000,
        )

    told("people.length === 1 && people[0].agent === '小李' && !people[0].typing")
    looks.evaluate("() => document.body.dispatchEvent(new CustomEvent('huifu:typing', {detail: {}}))")
    told("people.length === 1 && people[0].typing")
    told("people.length === 1 && !people[0].typing")
    looks.goto(f"{service.url}/console/queue")
    told("people.length === 0")


def test_a_waiting_customer_calls_in_the_title_and_by_sound_when_that_is_on(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service()
    add_person(service, "小李", "agent")
    page = sit(service, "小李")
    state(page, "live")
    page.evaluate("""() => {
      window.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
    }""")
    hears(page, add_ticket(service, "+8613800138001"))
    assert page.evaluate("window.tones") == 0, "silent until it is switched on"
    page.click("#live-calls > summary")
    page.click("[data-call=sound]")
    expect(page.locator("[data-call=sound]")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.tones") == 2, "one hears at once what it will sound like"
    page.evaluate(
        "() => { localStorage.removeItem('huifu.rang');"
        " Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true}); }"
    )
    hears(page, add_ticket(service, "+8613800138002"))
    page.wait_for_function("window.tones === 4")
    assert page.title().startswith("(1) ")
    page.evaluate("() => { delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange')); }")
    assert not page.title().startswith("(")
