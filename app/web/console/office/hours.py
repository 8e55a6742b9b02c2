"""Working hours: the week, single dates, what the calendar knows, and what customers hear when nobody is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.handlers import hours_set, options
from app.handlers.hours_set import Day, NeverOpen
from app.rules.hours import Period
from app.web.console import console
from app.web.console.doors import address, go, me, needs, service
from app.web.console.office import hours_shown
from app.web.console.office.hours_read import Fault, read_periods
from app.web.console.typed import day

WEEKDAYS = range(7)
MAKING_UP = "making_up"


@console.get("/hours")
@needs("supervisor", "operator")
def hours() -> ResponseReturnValue:
    return page()


@console.post("/hours/week")
@needs("supervisor", "operator")
def hours_week() -> ResponseReturnValue:
    """The periods of every weekday and of make-up workdays, all at once: a week is one decision."""
    names = [*(f"week_{weekday}" for weekday in WEEKDAYS), MAKING_UP]
    periods: dict[str, tuple[Period, ...]] = {}
    faults: dict[str, str] = {}
    for name in names:
        try:
            periods[name] = read_periods(request.form.get(name, ""))
        except Fault as fault:
            faults[name] = fault.said
    if not faults:
        week = {weekday: periods[f"week_{weekday}"] for weekday in WEEKDAYS}
        try:
            changed = hours_set.set_week(service(), me(), week, periods[MAKING_UP], address=address())
        except NeverOpen:
            faults["week_0"] = _("With this week nobody would be there for two months or more.")
    if faults:
        return page(request.form, faults), 422
    flash(_("The week holds from now on.") if changed else _("Nothing has changed."), "success" if changed else "info")
    _warn()
    return go(url_for("console.hours"))


@console.post("/hours/days")
@needs("supervisor", "operator")
def hours_days() -> ResponseReturnValue:
    """Dates with hours of their own: closed, or open at other times."""
    form, faults = request.form, dict[str, str]()
    try:
        days = list(_days(form, faults))
        changed = hours_set.add_days(service(), me(), days, address=address()) if days and not faults else False
    except NeverOpen:
        faults["until"] = _("Nobody would be there for two months or more.")
    except ValueError:
        faults["first"] = _("These dates are over, too far away, or too many.")
    if faults:
        return page(form, faults), 422
    flash(
        _("These dates hold from now on.") if changed else _("Nothing has changed."), "success" if changed else "info"
    )
    _warn()
    return go(url_for("console.hours", _anchor="dates"))


@console.post("/hours/days/drop")
@needs("supervisor", "operator")
def hours_days_drop() -> ResponseReturnValue:
    """The calendar holds again for a span of dates."""
    first, last = day(request.form.get("first", "")), day(request.form.get("last", ""))
    if first is None or last is None or not 0 <= (last - first).days <= hours_set.MOST_DAYS:
        return page(), 422
    gone = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    if hours_set.drop_days(service(), me(), gone, address=address()):
        flash(_("The calendar holds again for these dates."), "success")
        _warn()
    return go(url_for("console.hours", _anchor="dates"))


def _warn() -> None:
    """Hours do not move what customers were promised: a person does."""
    if count := hours_set.promised_outside(service()):
        told = ngettext("%(num)s callback is promised", "%(num)s callbacks are promised", count)
        flash(_("%(told)s for a time when nobody is there: an agent has to move it.", told=told), "warning")


def _days(form: Mapping[str, str], faults: dict[str, str]) -> Iterator[Day]:
    first, until = day(form.get("first", "")), day(form.get("until", ""))
    if first is None:
        faults["first"] = _("Choose a date.")
    if form.get("until", "").strip() and until is None:
        faults["until"] = _("Choose a date, or leave it empty for one day.")
    last = until or first
    today = service().clock().astimezone(service().zone).date()
    if first and last:
        if first < today:
            faults["first"] = _("This day is over.")
        elif last < first:
            faults["until"] = _("The last day is before the first.")
        elif (last - first).days >= hours_set.LONGEST_SPAN:
            faults["until"] = _("At most %(n)s days at once.", n=hours_set.LONGEST_SPAN)
        elif last > today + hours_set.FAR:
            faults["until"] = _("At most two years ahead.")
    periods: tuple[Period, ...] = ()
    if form.get("kind") == "open":
        try:
            periods = read_periods(form.get("periods", ""))
            if not periods:
                faults["periods"] = _("Write when it is open, such as 10:00-15:00.")
        except Fault as fault:
            faults["periods"] = fault.said
    if len(form.get("note", "")) > hours_set.LONGEST_NOTE:
        faults["note"] = _("At most %(n)s characters.", n=hours_set.LONGEST_NOTE)
    if first and last and not faults:
        for ahead in range((last - first).days + 1):
            yield Day(first + timedelta(days=ahead), periods, form.get("note", ""))


def page(typed: Mapping[str, str] | None = None, faults: Mapping[str, str] | None = None) -> str:
    """The whole page; `typed` is what a refused form held, `faults` the sentences by field."""
    now = service().clock()
    with service().database.begin() as connection:
        in_force = options.hours(connection, service().hours)
        own = options.closures(connection)
        words = options.words(connection)
    today: date = now.astimezone(service().zone).date()
    return render_template(
        "console/hours/page.html",
        typed=typed or {},
        faults=faults or {},
        now=hours_shown.now(in_force, now),
        week=hours_shown.week(in_force),
        making_up=hours_shown.written(in_force.periods),
        spans=hours_shown.spans(own, today),
        breaks=hours_shown.breaks(in_force, today),
        words=hours_shown.words(service(), words, typed or {}),
        today=today,
    )
