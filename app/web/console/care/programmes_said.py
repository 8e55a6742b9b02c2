"""What a programme's file says, in sentences: the occasion, the audience, the window."""

from __future__ import annotations

from decimal import Decimal

from babel.dates import get_day_names
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from app.care import calendars, event_kinds, windows
from app.care.programme import Condition, Programme, When
from app.web.console import console, names
from app.web.console.care import programmes_named as named


def title(programme: Programme) -> str:
    """What it is called in the language of the page; its key when its file does not say."""
    return programme.title.get(names.language()) or next(iter(programme.title.values()), programme.key)


def goal(programme: Programme) -> str:
    return programme.goal.get(names.language()) or next(iter(programme.goal.values()), "")


def occasion(when: When) -> str:
    """ "15 days after: the loan was settled"; "Mid-Autumn Festival"; "a product page was opened, 3 times in 7 days"."""
    if when.event:
        what = event_name(when.event)
        if when.times > 1:
            what = _("%(what)s, %(times)s times within %(days)s days", what=what, times=when.times, days=when.days)
    elif when.day:
        what = day_name(when.day)
    else:
        what = names.named(named.MOMENTS, when.fact)
    said = _counted(when.after, _months(when.months, what))
    return _("%(when)s, every year", when=said) if when.yearly else said


def event_name(kind: str) -> str:
    """What a customer does elsewhere, as the file of events calls it."""
    known = event_kinds.kinds().get(kind)
    return known.title.get(names.language(), kind) if known else names.named({}, kind)


def day_name(day: str) -> str:
    """A festival, solar term or season, as the calendar calls it."""
    known = calendars.named().get(day)
    return known.title.get(names.language(), day) if known else names.named(named.DAYS, day)


def _months(months: int, what: str) -> str:
    if months > 0:
        return ngettext("%(num)s month after: %(what)s", "%(num)s months after: %(what)s", months, what=what)
    if months < 0:
        return ngettext("%(num)s month before: %(what)s", "%(num)s months before: %(what)s", -months, what=what)
    return what


def _counted(days: int, what: str) -> str:
    if days > 0:
        return ngettext("%(num)s day after: %(what)s", "%(num)s days after: %(what)s", days, what=what)
    if days < 0:
        return ngettext("%(num)s day before: %(what)s", "%(num)s days before: %(what)s", -days, what=what)
    return what


def lasts(when: When) -> str:
    """How long the planner may still find a slot."""
    return ngettext("may leave within %(num)s day", "may leave within %(num)s days", when.lasts)


def audience(conditions: tuple[Condition, ...]) -> list[str]:
    """One sentence a condition; all of them must hold."""
    return [_condition(one) for one in conditions]


def _condition(one: Condition) -> str:
    fact = one.fact.removeprefix("days_")
    if one.fact.startswith("days_") and fact in named.COLUMNS and one.op in {"is", "at_least", "at_most"}:
        return _days(one.op, int(one.value[0]), str(named.COLUMNS[fact]))
    what = names.named(named.COLUMNS, one.fact)
    if one.value in {("yes",), ("no",)}:
        wanted = (one.op == "not_in") != (one.value == ("yes",))
        return _("%(what)s: yes", what=what) if wanted else _("%(what)s: no", what=what)
    told = _(" or ").join(names.named(named.VALUES, value) for value in one.value)
    if one.fact in named.MONEY and one.value:
        told = _("%(amount)s yuan", amount=format_decimal(Decimal(one.value[0])))
    return str(named.OPERATIONS[one.op]) % {"what": what, "value": told}


def _days(op: str, days: int, what: str) -> str:
    """Days since a date, negative until it: at most -1 is at least a day before."""
    if op == "is":
        return _counted(days, what)
    before, far = days < 0, abs(days)
    if before == (op == "at_most"):
        if before:
            return ngettext(
                "at least %(num)s day before: %(what)s", "at least %(num)s days before: %(what)s", far, what=what
            )
        return ngettext("at least %(num)s day after: %(what)s", "at least %(num)s days after: %(what)s", far, what=what)
    if before:
        return ngettext("at most %(num)s day before: %(what)s", "at most %(num)s days before: %(what)s", far, what=what)
    return ngettext("at most %(num)s day after: %(what)s", "at most %(num)s days after: %(what)s", far, what=what)


def window(programme: Programme) -> list[str]:
    """When its texts may leave, in the customer's own time: a sentence, or one for each audience that has its own."""
    ruled = windows.chosen(programme.window, programme.product, "")
    if ruled.name != "default" or programme.window:
        return [_opens(ruled)]
    others = [one for one in windows.shipped().values() if one.segment]
    told = [_("%(who)s: %(when)s", who=names.named(named.VALUES, one.segment), when=_opens(one)) for one in others]
    return [*told, _("everybody else: %(when)s", when=_opens(ruled)) if told else _opens(ruled)]


def _opens(one: windows.Window) -> str:
    weekdays = get_day_names("abbreviated", locale=get_locale())
    days = [str(weekdays[at]) for at, day in enumerate(windows.WEEKDAYS) if day in one.days]
    days += [str(said) for day, said in named.WINDOW_DAYS.items() if day in one.days]
    hours = [f"{period.start:%H:%M}–{period.end:%H:%M}" for period in one.hours]
    return f"{_(', ').join(days)} {_(', ').join(hours)}"


@console.app_template_filter("not_sent")
def not_sent(code: str) -> str:
    """Why a customer does not get a text; without the part behind a colon of a code that has one."""
    return names.named(named.NOT_SENT, code.partition(":")[0])


@console.app_template_filter("why_stopped")
def why_stopped(reason: str) -> str:
    return names.named(named.STOPPED, reason)


@console.app_template_filter("kind_name")
def kind_name(kind: str) -> str:
    return names.named(named.KINDS, kind)


@console.app_template_filter("purpose_name")
def purpose_name(purpose: str) -> str:
    return names.named(named.PURPOSES, purpose)
