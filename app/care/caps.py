"""How many texts a customer gets (B5). A month is the customer's calendar month; service texts and reminders are free.

What counts is what the number had, whoever it was for, and what the customer had, at whichever number. At most two care
texts a month, offers included. Once a text has gone in the month before, at most one of the two is a product offer and
at most one an activity; in the first month, and after a whole month without a text, they come as they are triggered.
Beside them: one greeting for each named holiday, in the days before it. And one text a day, of whatever kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.care.calendars import holiday_ahead
from app.care.template import Kind

MONTHLY = 2
COUNTED: tuple[Kind, ...] = ("care", "product", "activity")
ONE_EACH: frozenset[Kind] = frozenset({"product", "activity"})


def over(
    kind: Kind,
    had: Mapping[str, Sequence[datetime]],
    when: datetime,
    zone: str,
    names_of_days: Callable[[date], str] = holiday_ahead,
) -> bool:
    """Whether one more text of `kind` at `when` would be too many, after those that number and customer `had`.

    `had`: kind -> moments (aware) of this month and last; `zone`: the customer's, IANA; `names_of_days`: the named
    holiday before which a greeting may go on a day, "" for none.
    """
    if kind == "service":
        return False
    here = ZoneInfo(zone)
    today = when.astimezone(here).date()
    if kind == "festival":
        ahead = names_of_days(today)
        before = (moment.astimezone(here).date() for moment in had.get("festival", ()))
        return not ahead or any(names_of_days(day) == ahead for day in before)
    months = {one: [_month(moment.astimezone(here)) for moment in moments] for one, moments in had.items()}
    this = _month(today)
    if sum(months.get(one, []).count(this) for one in COUNTED) >= MONTHLY:
        return True
    later_month = any(month < this for one, found in months.items() if one != "service" for month in found)
    return kind in ONE_EACH and later_month and this in months.get(kind, [])


def taken(day: date, zone: ZoneInfo, moments: Iterable[datetime]) -> bool:
    """Whether a day of the customer, who lives in `zone`, has its one text: of whatever kind, service texts included.
    `moments` (aware): of the texts that number and customer had, and of those that wait."""
    return any(moment.astimezone(zone).date() == day for moment in moments)


def _month(day: date) -> int:
    return day.year * 12 + day.month
