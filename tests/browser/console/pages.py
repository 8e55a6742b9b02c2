"""Every page of the console, and what can be opened on it: for the eyes of axe and of the documentation's camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser import patience
from tests.browser.console.desk import AGENT, AUDITOR, OPERATOR, PASSWORD, SUPERVISOR
from tests.browser.console.play import FACTOR, NEWCOMER
from tests.browser.console.week import Week

Act = Callable[[Page], None]
NOBODY = ""


@dataclass(frozen=True, slots=True)
class View:
    """`who` looks at `path`, with the ids of `Week.ids` in it, and then does `act`."""

    name: str
    who: str
    path: str
    act: Act | None = None


def _refused_words(page: Page) -> None:
    if page.locator("#text").is_visible():
        page.fill("#text", "您现在的可用额度是50,000.00元，还可以再借。")
        expect(page.locator("#verdict .is-refuse").first).to_be_visible()


def _everyday_words(page: Page) -> None:
    page.fill("#text", "可以帮您查。我先给您发一个验证码，请直接回复数字。")
    expect(page.locator("#size")).not_to_be_empty()


def _box(name: str) -> Act:
    def open_box(page: Page) -> None:
        page.locator(f"a[href='#box-{name}']").click()
        expect(page.locator(f"#box-{name}")).to_be_visible()

    return open_box


def _canned(page: Page) -> None:
    page.fill("#text", "")
    page.locator("#replies-open").click()
    expect(page.locator("#replies-list [role=option]").first).to_be_visible()


def _keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()


def _customer(page: Page) -> None:
    """The facts, one of them told. On a small screen they are behind a button."""
    opener = page.locator(".side-open")
    if opener.is_visible():
        opener.click()
        expect(page.locator("#side")).to_have_class("talk-side offcanvas-lg offcanvas-end show")
    shown = page.locator("#side button[value=available_limit]")
    if shown.count():
        shown.click()
        expect(shown).to_have_count(0)


def _found(page: Page) -> None:
    page.fill("#q", "要投诉")
    page.press("#q", "Enter")
    expect(page.locator("mark").first).to_be_visible()


def _first_fold(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def _menu(page: Page) -> None:
    page.locator(".bar details[data-menu] > summary").last.click()


def _start_call(page: Page) -> None:
    if not page.locator("#calling").count():
        page.locator("[data-open]:enabled").first.click()
    expect(page.locator("#calling")).to_be_visible()


def _wrong_week(page: Page) -> None:
    page.fill("[name=week_0]", "9点到12点")
    page.locator("form[action$='/hours/week'] button.btn-primary").click()
    expect(page.locator(".is-invalid").first).to_be_visible()


def _new_password(page: Page) -> None:
    row = page.locator("#people details").filter(has_text=NEWCOMER)
    row.locator("summary").click()
    row.locator("button[value=reset]").click()
    expect(page.locator("#people")).to_have_count(0)


def _promising_words(page: Page) -> None:
    page.fill("#benefit", "{customer}，生日快乐！本月申请百分百通过，")
    expect(page.locator("#seen mark").first).to_be_visible()


def _wrong_text(page: Page) -> None:
    page.fill("#benefit", "{customer}，您的可用额度{available_limit}元，")
    page.locator("button[value=keep]").click()
    expect(page.locator(".is-invalid").first).to_be_visible()


def _dry_run(page: Page) -> None:
    page.locator("#dry button").click()
    expect(page.locator("#dry-result .dry-head")).to_be_visible()
    page.locator(".examples summary").first.click()


def _switch_on(page: Page) -> None:
    page.locator("button[value=on]").click()
    expect(page.locator("#expected")).to_be_visible()


def _first_step(page: Page) -> None:
    page.fill("input[name=name]", FACTOR)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/login/code")


PAGES = (
    View("sign-in", NOBODY, "login"),
    View("second-step", NOBODY, "login", _first_step),
    View("queue", AGENT, "queue"),
    View("talk", AGENT, "tickets/{talk}", _everyday_words),
    View("callbacks", AGENT, "callbacks"),
    View("search", AGENT, "search"),
    View("account", AGENT, "account"),
    View("factor", AGENT, "account/factor"),
    View("password", AGENT, "account/password"),
    View("figures", SUPERVISOR, "figures"),
    View("people", SUPERVISOR, "people"),
    View("hours", OPERATOR, "hours"),
    View("replies", OPERATOR, "replies"),
    View("settings", OPERATOR, "settings"),
    View("audit", AUDITOR, "audit"),
    View("templates", OPERATOR, "care/templates"),
    View("template", OPERATOR, "care/templates/birthday_offer"),
    View("template-edit", OPERATOR, "care/templates/birthday_offer/zh-CN/edit"),
    View("programmes", OPERATOR, "care/programmes"),
    View("programme", SUPERVISOR, "care/programmes/repayment_reminder"),
    View("plans", OPERATOR, "care/plans"),
    View("results", OPERATOR, "care/results"),
    View("self-check", OPERATOR, "self-check"),
)
"""Each page as it is opened."""

OPENED = (
    View("talk-refused", AGENT, "tickets/{talk}", _refused_words),
    View("talk-customer", AGENT, "tickets/{talk}", _customer),
    View("talk-replies", AGENT, "tickets/{talk}", _canned),
    View("talk-hand-on", AGENT, "tickets/{talk}", _box("transfer")),
    View("talk-release", AGENT, "tickets/{talk}", _box("release")),
    View("talk-close", AGENT, "tickets/{talk}", _box("close")),
    View("talk-waiting", AGENT, "tickets/{waiting}"),
    View("talk-flag", AGENT, "tickets/{flag}"),
    View("talk-supervisor", SUPERVISOR, "tickets/{theirs}"),
    View("talk-give", SUPERVISOR, "tickets/{theirs}", _box("reassign")),
    View("keys", AGENT, "queue", _keys),
    View("menu", AGENT, "queue", _menu),
    View("search-found", SUPERVISOR, "search", _found),
    View("people-open", SUPERVISOR, "people", _first_fold("#people details > summary")),
    View("people-new", SUPERVISOR, "people", _first_fold("main details > summary")),
    View("hours-wrong", OPERATOR, "hours", _wrong_week),
    View("replies-open", OPERATOR, "replies", _first_fold(".card-line > summary")),
    View("replies-new", OPERATOR, "replies", _first_fold("main details > summary")),
    View("template-typing", OPERATOR, "care/templates/birthday_offer/zh-CN/edit", _promising_words),
    View("template-wrong", OPERATOR, "care/templates/birthday_offer/zh-CN/edit", _wrong_text),
    View("programme-dry", OPERATOR, "care/programmes/repayment_reminder", _dry_run),
    View("programme-confirm", OPERATOR, "care/programmes/settled", _switch_on),
    View("audit-open", AUDITOR, "audit", _first_fold("main table details > summary")),
    View("not-yours", AGENT, "figures"),
    View("not-found", AGENT, "tickets/999999"),
    View("callbacks-calling", AGENT, "callbacks", _start_call),
    View("people-once", SUPERVISOR, "people", _new_password),
)
"""What opens on them, and how they refuse."""


class Tour:
    """One look for all pages: language, theme and width are those of the browser. People stay signed in."""

    def __init__(self, browser: Browser, week: Week, **view: Any) -> None:
        self.week, self.browser, self.view = week, browser, {"reduced_motion": "reduce", **view}
        self.pages: dict[str, Page] = {}

    def page(self, who: str) -> Page:
        if who not in self.pages:
            page = self.browser.new_context(**self.view).new_page()
            page.set_default_timeout(patience.MILLISECONDS)
            if who:
                page.goto(f"{self.week.desk.url}/console/login")
                page.fill("input[name=name]", who)
                page.fill("input[name=password]", PASSWORD)
                page.press("input[name=password]", "Enter")
                expect(page.locator("body.inside")).to_be_attached()
            self.pages[who] = page
        return self.pages[who]

    def open(self, view: View, width: int = 0) -> Page:
        """The page, as it should be looked at."""
        page = self.page(view.who)
        if width:
            page.set_viewport_size({"width": width, "height": 860 if width > 600 else 844})
        self.week.freshen()
        page.goto(f"{self.week.desk.url}/console/{view.path.format(**self.week.ids())}")
        state = page.locator("#live-state")
        if state.count():
            expect(state).to_have_attribute("data-state", "live")
        if view.act:
            view.act(page)
            page.wait_for_load_state()  # it may have led to another page, which is no sight without its styles
        page.mouse.move(0, 0)
        return page

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


@contextmanager
def tour(browser: Browser, week: Week, **view: Any) -> Iterator[Tour]:
    going = Tour(browser, week, **view)
    try:
        yield going
    finally:
        going.close()
