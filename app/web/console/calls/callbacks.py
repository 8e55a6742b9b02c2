"""The callbacks of a day: which are due, who calls, and what came of it (A7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from babel.dates import format_skeleton
from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from app.handlers import callbacks_called
from app.handlers.callbacks_called import NotCallable
from app.rules.hours import Span
from app.rules.phone_numbers import readable
from app.rules.roster import HOUR
from app.web.console import console, typed, words
from app.web.console.calls.callbacks_shown import Shown, shown
from app.web.console.doors import address, go, me, needs, service

Outcome = Callable[[int], str]


@console.get("/callbacks")
@needs("agent", "supervisor")
def callbacks() -> ResponseReturnValue:
    return _page()


@console.post("/callbacks/<int:callback>/start")
@needs("agent", "supervisor")
def callbacks_start(callback: int) -> ResponseReturnValue:
    """Takes the callback: the page that follows shows the number, to this agent alone."""
    try:
        callbacks_called.start(service(), callback, me().name, address=address())
    except NotCallable as error:
        return _page(_why_not(error), at=callback), 409
    return go(_back())


@console.post("/callbacks/<int:callback>/outcome")
@needs("agent", "supervisor")
def callbacks_outcome(callback: int) -> ResponseReturnValue:
    """What came of the call: reached, no_answer, wrong_number, or rebook to `slot`."""
    outcome = OUTCOMES.get(request.form.get("outcome", ""))
    if outcome is None:
        return _page(_("Choose what came of the call."), at=callback), 422
    try:
        flash(outcome(callback), "success")
    except NotCallable as error:
        return _page(_why_not(error), at=callback), 409
    except _Unfit as error:
        return _page(str(error), at=callback), 422
    return go(_back())


class _Unfit(ValueError):
    """What was entered cannot be meant; the message is a sentence for the page."""


def _reached(callback: int) -> str:
    callbacks_called.reached(service(), callback, me().name, address=address())
    return _("Reached: noted.")


def _no_answer(callback: int) -> str:
    again = callbacks_called.no_answer(service(), callback, me().name, address=address())
    if again is None:
        return _("No answer: noted. After two tries the customer is texted so, with the hotline.")
    return _("No answer: noted. The second try is due %(when)s.", when=words.local(again, "%m-%d %H:%M"))


def _wrong_number(callback: int) -> str:
    callbacks_called.wrong_number(service(), callback, me().name, address=address())
    return _("Wrong number: nothing was texted, and a flag is in the queue.")


def _rebook(callback: int) -> str:
    try:
        start = datetime.fromisoformat(request.form.get("slot", ""))
        local = start.astimezone(service().zone)
        slot = Span(local, local + HOUR)
    except (ValueError, OverflowError):
        raise _Unfit(_("Choose a new time.")) from None
    if start.tzinfo is None:
        raise _Unfit(_("Choose a new time."))
    callbacks_called.rebook(service(), callback, me().name, slot, address=address())
    return _("Moved to %(when)s. The customer is texted the new time.", when=words.local(start, "%m-%d %H:%M"))


OUTCOMES: Mapping[str, Outcome] = {
    "reached": _reached,
    "no_answer": _no_answer,
    "wrong_number": _wrong_number,
    "rebook": _rebook,
}


def _page(refused: str = "", at: int = 0) -> str:
    part = "list" if request.method == "GET" and request.headers.get("HX-Request") else "page"
    return render_template(f"console/callbacks/{part}.html", seen=_seen(), refused=refused, refused_at=at)


def _seen() -> Shown:
    return shown(service(), me(), _day())


def _day() -> date:
    """The day that was asked for; today when it cannot be read."""
    today = service().clock().astimezone(service().zone).date()
    asked = typed.day(request.values.get("day", ""))
    return asked if asked and abs((asked - today).days) <= 366 else today


def _back() -> str:
    asked = request.values.get("day", "")
    return url_for("console.callbacks", day=asked or None)


def _why_not(error: NotCallable) -> str:
    """A refusal in the language of the page."""
    if error.why == "taken":
        return _("Already with %(agent)s.", agent=error.by)
    said = {
        "nothing": _("There is no such callback."),
        "settled": _("This callback is done with, or the customer has changed it."),
        "early": _("It is not due yet: the customer expects the call at its time."),
        "busy": _("You have another call open. Say first what came of it."),
        "not_calling": _("You have no call of this customer open. Without an outcome it ends after 30 minutes."),
        "slot": _("That time is not free any more. Choose another one."),
    }
    return said[error.why]


console.add_app_template_filter(readable, "readable")


@console.app_template_filter("dated")
def dated(day: date, skeleton: str) -> str:
    """A day by what of it shall be told: MMMEd is 6月10日周三, or Wed, Jun 10."""
    return format_skeleton(skeleton, day, locale=get_locale())
