"""The occasion of a programme as its file has it, checked."""

from __future__ import annotations

from app.care import audience, calendars
from app.care.event_kinds import kinds
from app.care.fields import Fields
from app.care.programme import When
from app.care.template import Kind

_TAKES = {"fact": {"months", "after", "yearly"}, "day": {"after"}, "event": {"after", "times", "days"}}
LONGEST = 365
"""Days that an occasion may last, and be away from what it is reckoned from: events are remembered for 400."""


def read_when(told: Fields, kind: Kind) -> When:
    """The occasion of a programme of that kind. Raises `BadField`."""
    about = sorted(_TAKES.keys() & told.keys())
    if len(about) != 1:
        raise told.bad("fact", f"takes one of fact, day and event, and {' and '.join(about) or 'none'} is there")
    told.nothing_but({about[0], "lasts"} | _TAKES[about[0]])
    if about == ["fact"]:
        told.one_of("fact", sorted(audience.DATES))
    elif about == ["day"]:
        told.one_of("day", calendars.named())
    else:
        told.one_of("event", kinds())
    when = When(
        fact=told.get("fact", ""),
        day=told.get("day", ""),
        event=told.get("event", ""),
        months=told.whole("months", -120, 120, 0),
        after=told.whole("after", 0 if "event" in told else -LONGEST, LONGEST, 0),
        yearly=told.flag("yearly"),
        times=told.whole("times", 1, 100, 1),
        days=told.whole("days", 1, 90, 7),
        lasts=told.whole("lasts", 1, LONGEST, 3),
    )
    if when.yearly and when.months:
        raise told.bad("months", "goes with a date, not with its anniversaries; leave out one of the two")
    if (when.yearly or when.day) and when.lasts > LONGEST // 4:
        raise told.bad("lasts", f"is {when.lasts}; a day of the year lasts {LONGEST // 4} days at most")
    if when.event and when.after + when.lasts > LONGEST:
        raise told.bad("lasts", f"ends more than {LONGEST} days after the event, when nobody knows of it any more")
    if kind == "festival":
        _check_greeting(told, when)
    return when


def _check_greeting(told: Fields, when: When) -> None:
    greeted = [name for name, day in calendars.named().items() if day.greeted]
    if when.day not in greeted:
        raise told.bad("day", f"a greeting beside the month's two texts is for one of {', '.join(greeted)}")
    if when.after < -calendars.AHEAD or when.after + when.lasts > 0:
        says = f"a greeting goes in the {calendars.AHEAD} days before the day; let after be {-calendars.AHEAD} or more"
        raise told.bad("after", f"{says}, and after and lasts make 0 or less")
