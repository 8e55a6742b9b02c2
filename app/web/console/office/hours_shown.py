"""What the page of working hours shows: the week, dates of one's own, the calendar, and the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.flows.check.own import FORMS, OwnFault
from app.handlers import hours_set
from app.handlers.hours_set import Reading
from app.handlers.options import WORDED, Closure
from app.handlers.service import Service
from app.rules.breaks import Break, coming
from app.rules.hours import Period, WorkingHours
from app.web.console import console, names

AHEAD = timedelta(days=240)
WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"))
HOLIDAYS = {
    "New Year's Day": _l("New Year's Day"),
    "Chinese New Year's Eve": _l("Spring Festival"),
    "Chinese New Year": _l("Spring Festival"),
    "Tomb-Sweeping Day": _l("Qingming"),
    "Labor Day": _l("Labour Day"),
    "Dragon Boat Festival": _l("Dragon Boat Festival"),
    "Mid-Autumn Festival": _l("Mid-Autumn Festival"),
    "National Day": _l("National Day"),
}
MARKS = {
    "customer": _l("surname and title"),
    "bank": _l("the bank's name"),
    "hotline": _l("the hotline"),
    "caller": _l("the number that calls back"),
    "opens": _l("when somebody is there again"),
    "topic": _l("a kind word for the topic, if there is one"),
    "options": _l("the answers to choose from"),
    "agent": _l("who writes"),
}
"""What placeholders stand for."""


@dataclass(frozen=True, slots=True)
class Now:
    """`until`: when it closes, or opens again; None when nothing opens soon."""

    is_open: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """Dates in a row that were set alike."""

    first: date
    last: date
    hours: str
    note: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A break or make-up workday of the calendar, with what holds on it now. `own`: the bank has set it itself."""

    what: Break
    name: str
    hours: str
    own: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one language. `words`: as typed, else in force; `own`: an operator's, not as shipped."""

    language: str
    key: str
    words: str
    shipped: str
    own: bool
    placeholders: tuple[tuple[str, str], ...]
    readings: Sequence[Reading]
    faults: tuple[str, ...]


def now(hours: WorkingHours, moment: datetime) -> Now:
    local = hours.local(moment)
    for span in hours.periods_on(local.date()):
        if local in span:
            return Now(True, span.end)
    try:
        return Now(False, hours.next_opening(moment))
    except ValueError:
        return Now(False, None)


@console.app_template_filter("day_said")
def day_said(day: date, today: date) -> str:
    """12月24日 周四, Thu 24 Dec; with the year when it is another one."""
    year = day.year != today.year
    if names.language() == "en":
        return str(format_date(day, "EEE d MMM yyyy" if year else "EEE d MMM"))
    return str(format_date(day, "yyyy年M月d日 EEE" if year else "M月d日 EEE"))


def week(hours: WorkingHours) -> list[tuple[str, str]]:
    """Name and periods of every weekday, from Monday on."""
    return [(str(WEEKDAYS[weekday]), written(hours.usual(weekday))) for weekday in range(7)]


def written(periods: Sequence[Period]) -> str:
    return ", ".join(str(period) for period in periods)


def spans(own: Sequence[Closure], today: date) -> list[Span]:
    """The dates that were set, those that are over left out, alike neighbours as one."""
    found: list[Span] = []
    for one in sorted(own, key=lambda one: one.day):
        if one.day < today:
            continue
        hours, before = written(one.periods), found[-1] if found else None
        if before and before.last + timedelta(days=1) == one.day and (before.hours, before.note) == (hours, one.note):
            found[-1] = replace(before, last=one.day)
        else:
            found.append(Span(one.day, one.day, hours, one.note))
    return found


def breaks(hours: WorkingHours, today: date) -> list[Marked]:
    return [
        Marked(
            what,
            str(HOLIDAYS.get(what.name, what.name)) or (_("Make-up workday") if what.worked else _("Day off")),
            written(hours.hours_of(what.first)),
            any(what.first <= day <= what.last for day in hours.days),
        )
        for what in coming(hours.calendar, today, today + AHEAD)
    ]


def words(service: Service, own: Mapping[str, Mapping[str, str]], typed: Mapping[str, str]) -> list[Words]:
    """Every text that may be written over. A form that was refused brings its own words: `key`, `language`, `words`."""
    asked = (typed.get("language"), typed.get("key"))
    return [
        one_text(service, language, key, typed.get("words", "") if asked == (language, key) else None, own)
        for key in WORDED
        for language in sorted(service.catalogue.texts.languages, key=lambda code: code != service.language)
    ]


def one_text(
    service: Service, language: str, key: str, typed: str | None, own: Mapping[str, Mapping[str, str]]
) -> Words:
    shipped = service.catalogue.texts.word(language, key)
    set_by_them = own.get(language, {}).get(key, "")
    said = (set_by_them or shipped) if typed is None else typed
    found = hours_set.faults_of(service, language, key, said)
    readings = [] if found else hours_set.readings_of(service, language, key, said)
    refused = dict.fromkeys(reason for one in readings for reason in one.reasons)
    return Words(
        language,
        key,
        said,
        shipped,
        bool(set_by_them),
        tuple((f"{name}:{max(forms)}".rstrip(":"), str(MARKS[name])) for name, forms in FORMS[key].items()),
        readings,
        (
            *(fault_said(one) for one in found),
            *(names.reason_said(one.code, one.words) for one in refused),
        ),
    )


def fault_said(fault: OwnFault) -> str:
    mark = f"{{{fault.what}}}"
    if fault.kind == "empty":
        return _("Write what the customer is told.")
    if fault.kind == "unknown":
        return _("Nothing fills %(mark)s here.", mark=mark)
    if fault.kind == "form":
        return _("%(mark)s cannot be written that way: take it as it stands in the list.", mark=mark)
    if fault.kind == "bracket":
        return _(
            "%(mark)s may be missing: put it into [square brackets], with words for without it behind |.", mark=mark
        )
    if fault.kind == "options":
        return _("Say what the customer can answer: [Reply {options}].")
    if fault.kind == "hotline":
        return _("Say whom to call when it is urgent: {hotline}.")
    if fault.kind == "parts":
        return _("It can take %(n)s parts; three are the limit.", n=fault.what)
    return _("A bracket is open or closed once too often.")
