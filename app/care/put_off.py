"""Where a planned text goes when another one has its slot."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.care import occasions, windows
from app.care.person import Person
from app.care.programme import Programme


def next_window(
    person: Person, programme: Programme, occasion: str, earliest: datetime, latest: datetime
) -> windows.Span | None:
    """(due_at, closes_at) in the programme's first window between `earliest` and `latest` (aware), while the occasion
    lasts. None when no window opens in time, or when the customer has no such occasion then."""
    zone = ZoneInfo(person.zone)
    day = earliest.astimezone(zone).date()
    find = occasions.finder(programme.when, day, zone)
    found = find(person) if find else None
    if found is None or found.occasion != occasion:
        return None
    over = datetime.combine(found.last + timedelta(days=1), time(), zone)
    return windows.next_slot(person, programme, earliest, min(over, latest))
