"""Live pages in a real browser: they hear, come back, ask when there is no stream, and call the person before them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPResponse
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert

from app.store import events, tables
from app.store.database import Database
from tests.browser import patience
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
        page.set_default_timeout(patience.MILLISECONDS)
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
    expect(page.locator("#live-state")).to_have_attribute("data-state", name)


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
    page.wait_for_function("id => window.heard.some(([kind, told]) => kind === 'ticket' && told.id === id)", arg=ticket)
    expect(page.locator(f"#ticket-{ticket}")).to_be_visible()


@contextmanager
def stream_of(page: Page, service: Service) -> Iterator[HTTPResponse]:
    """What the same person hears on another stream, from its first line on."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    asked = Request(f"{service.url}/console/events?tab=other", headers={"Cookie": cookies})
    with build_opener(ProxyHandler({})).open(asked, timeout=patience.SECONDS) as stream:
        assert stream.readline().startswith(b"retry: ")
        yield stream


def test_a_page_hears_and_comes_back_after_the_service_was_away(
    start_service: Callable[..., Service], sit: Callable[[Service, str], Page]
) -> None:
    service = start_service()
    add_person(service, "小李", "agent")
    page = sit(service, "小李")
    state(page, "live")
    hears(page, add_ticket(service, "+8613800138001"))
    with stream_of(page, service) as stream:
        assert service.stop(within_seconds=patience.SECONDS) == 0
        assert stream.read().endswith(b": over\n\n"), "an open page held the service up until it was cut off"
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
    state(first, "live")
    tabs = [first]
    for name in ("live", "live", "asking"):
        tabs.append(first.context.new_page())
        tabs[-1].goto(f"{service.url}/console/queue")
        tabs[-1].evaluate(HEARD)
        state(tabs[-1], name)
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
        """It is told, after what was told before: whoever types is told of for some seconds only."""
        watches.wait_for_function(
            "() => { while (window.heard.length) { const [kind, { people }] = window.heard.shift();"
            f" if (kind === 'presence' && {condition}) return true; }} }}"
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
