"""When a text may leave: windows by product and audience as data (B4), never at night, in the customer's zone.

Customers are spread over a window by their id, so that its first second does not carry them all.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

from app.care.clock import passes
from app.care.event_kinds import PRODUCTS
from app.care.fields import BadField, Fields
from app.care.person import Person
from app.care.programme import Programme
from app.rules.breaks import SATURDAY
from app.rules.calendars import calendar_for
from app.rules.hours import BadPeriods, Period, parse_periods
from app.rules.purpose import CURFEW, DAYBREAK

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = ("workday", "weekend", "any", *WEEKDAYS)
SPREAD = 0.8
"""Texts are spread over this part of a window; the rest is for those that the sender could not take at once."""
SHORTEST = timedelta(minutes=2)
"""Less of a window is not begun."""
FILE = Path(__file__).with_name("windows.toml")

Span = tuple[datetime, datetime]


class BadWindow(ValueError):
    """Says which window of which file is wrong, and the repair."""


@dataclass(frozen=True, slots=True)
class Window:
    """`days`: of DAYS, any of which will do. `product`, `segment`: who is meant, unless a programme names a window."""

    name: str
    days: frozenset[str]
    hours: tuple[Period, ...]
    product: str = ""
    segment: str = ""

    def opens(self, day: date, zone: str) -> bool:
        """Whether it opens on that day of the customer; workdays are those of the zone's country."""
        if "any" in self.days or WEEKDAYS[day.weekday()] in self.days:
            return True
        if calendar_for(zone).is_workday(day):
            return "workday" in self.days
        return day.weekday() >= SATURDAY and "weekend" in self.days

    def spans(self, day: date, zone: str) -> tuple[Span, ...]:
        """Its hours on that day, in UTC; none when it does not open, or when the clocks skip them."""
        if not self.opens(day, zone):
            return ()
        found = (passes(day, period.start, period.end, ZoneInfo(zone)) for period in self.hours)
        return tuple(span for span in found if span)


def read(text: str, name: str) -> Mapping[str, Window]:
    """The windows of a TOML text. `name`: of the file, for the sentence of a `BadWindow`."""
    try:
        told = Fields(tomllib.loads(text))
        told.table("default")
        return {key: _window(key, told.table(key)) for key in told}
    except (tomllib.TOMLDecodeError, BadField) as fault:
        raise BadWindow(f"{name}: {fault}") from None


def _window(key: str, told: Fields) -> Window:
    told.nothing_but(("days", "hours", "product", "segment"))
    days = told.some_of("days", DAYS)
    if not days:
        raise told.bad("days", f"is empty; take of {', '.join(DAYS)}")
    try:
        hours = parse_periods([str(one) for one in told.get("hours", ())])
    except BadPeriods as fault:
        raise told.bad("hours", str(fault)) from None
    if hours[0].start < DAYBREAK or hours[-1].end > CURFEW:
        raise told.bad("hours", "reach into the night; keep them between 08:00 and 22:00")
    segment = told.text("segment") if "segment" in told else ""
    return Window(key, frozenset(days), hours, told.one_of("product", PRODUCTS, ""), segment)


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Window]:
    """By name. Raises `BadWindow`."""
    return read(FILE.read_text(encoding="utf-8"), FILE.name)


def of(person: Person, programme: Programme) -> Window:
    """The programme's own, else that of its product, else that of the customer's segment, else `default`."""
    return chosen(programme.window, programme.product, person.segment)


@lru_cache(maxsize=1_024)
def chosen(window: str, product: str, segment: str) -> Window:
    """As `of`, by the names that decide."""
    windows = shipped()
    if window:
        return windows[window]
    for one in windows.values():
        if product and one.product == product:
            return one
    for one in windows.values():
        if segment and one.segment == segment:
            return one
    return windows["default"]


def place(spans: Iterable[Span], customer_id: str, earliest: datetime) -> Span | None:
    """Where in these spans this customer's text is due, and when it is stale; None when nothing is left of them."""
    left = [(max(start, earliest), end) for start, end in spans if end - max(start, earliest) >= SHORTEST]
    if not left:
        return None
    point = _share(customer_id) * sum((end - start for start, end in left), timedelta())
    for start, end in left:
        if point < end - start:
            return start + SPREAD * point, end
        point -= end - start
    return left[-1]


def next_slot(person: Person, programme: Programme, earliest: datetime, latest: datetime) -> Span | None:
    """(due_at, closes_at) in the first window that opens between `earliest` and `latest`, all aware.

    The answer is in the customer's zone, never in quiet hours; None when no window opens in time.
    """
    window, zone, closes = of(person, programme), ZoneInfo(person.zone), latest.astimezone(UTC)
    day, last = earliest.astimezone(zone).date(), latest.astimezone(zone).date()
    while day <= last:
        spans = ((start, min(end, closes)) for start, end in window.spans(day, person.zone))
        found = place(spans, person.customer_id, earliest.astimezone(UTC))
        if found:
            return found[0].astimezone(zone), found[1].astimezone(zone)
        day += timedelta(days=1)
    return None


def _share(customer_id: str) -> float:
    """0 up to 1, the same for a customer whenever it is asked."""
    return int.from_bytes(blake2b(customer_id.encode(), digest_size=4).digest(), "big") / 2**32
