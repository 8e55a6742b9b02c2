from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendars import MainlandChina
from app.rules.hours import WorkingHours, parse_periods
from app.rules.roster import HOUR, Taken
from app.rules.slots import Offer, Wish, offer

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(parse_periods(("09:00-12:00", "13:30-18:00")), MainlandChina(), SHANGHAI)


def at(text: str) -> datetime:
    """ "24 10:00" is 10:00 in Shanghai on 24 November 2026, a Tuesday."""
    day, clock = text.split()
    month = day if "-" in day else f"11-{day}"
    return datetime.fromisoformat(f"2026-{month}T{clock}").replace(tzinfo=SHANGHAI)


def told(found: Offer) -> str:
    slots = " ".join(f"{slot.start:%m-%d %H:%M}-{slot.end:%H:%M}" for slot in found.slots)
    return " ".join(part for part in (found.outcome, found.reason, slots) if part)


def window(start: str, end: str) -> Wish:
    return Wish(at(start), at(end))


def hour(start: str) -> Wish:
    return Wish(at(start), at(start) + HOUR, exact=True)


def full(*starts: str) -> Taken:
    return {at(start): 2 for start in starts}


@pytest.mark.parametrize(
    ("now", "wish", "taken", "answer"),
    [
        # the dialogue: 明天下午给我打电话
        ("24 10:00", window("25 12:00", "25 18:00"), {}, "offered 11-25 14:00-15:00 11-25 16:00-17:00"),
        ("24 10:00", window("25 08:00", "25 12:00"), {}, "offered 11-25 09:00-10:00 11-25 10:00-11:00"),
        ("24 10:00", window("25 00:00", "26 00:00"), {}, "offered 11-25 09:00-10:00 11-25 14:00-15:00"),
        ("24 16:10", window("24 12:00", "24 18:00"), {}, "offered 11-24 17:00-18:00"),
        ("24 10:00", window("25 13:30", "25 14:00"), {}, "offered 11-25 13:30-14:30"),
        # no time named
        ("24 10:00", None, {}, "offered 11-24 11:00-12:00 11-24 15:00-16:00"),
        ("24 16:30", None, {}, "offered 11-24 17:00-18:00 11-25 09:00-10:00"),
        ("27 19:00", None, {}, "offered 11-30 09:00-10:00 11-30 14:00-15:00"),
        ("09-30 19:00", None, {}, "offered 10-08 09:00-10:00 10-08 14:00-15:00"),
        # an hour was said
        ("24 10:00", hour("25 15:00"), {}, "exact 11-25 15:00-16:00"),
        ("24 10:00", hour("25 14:30"), {}, "exact 11-25 14:30-15:30"),
        ("24 10:07", hour("24 10:37"), {}, "exact 11-24 10:30-11:30"),
        ("24 10:00", hour("10-10 15:00"), {}, "past"),
        ("10-09 10:00", hour("10-10 15:00"), {}, "exact 10-10 15:00-16:00"),  # a worked Saturday
        # the wish is not possible
        ("24 10:00", hour("25 15:00"), full("25 15:00"), "nearest full 11-25 14:00-15:00 11-25 16:00-17:00"),
        ("24 10:00", hour("25 12:30"), {}, "nearest closed 11-25 11:00-12:00 11-25 14:00-15:00"),
        ("24 10:00", hour("25 11:30"), {}, "nearest closed 11-25 10:00-11:00 11-25 11:00-12:00"),
        ("24 10:00", hour("25 21:00"), {}, "nearest closed 11-25 16:00-17:00 11-25 17:00-18:00"),
        ("24 10:07", hour("24 10:20"), {}, "nearest soon 11-24 11:00-12:00 11-24 14:00-15:00"),
        ("24 10:00", hour("28 15:00"), {}, "nearest closed 11-30 14:00-15:00 11-30 15:00-16:00"),
        ("09-30 10:00", hour("10-02 15:00"), {}, "nearest holiday 10-08 14:00-15:00 10-08 15:00-16:00"),
        ("24 17:20", window("24 12:00", "24 18:00"), {}, "nearest soon 11-25 14:00-15:00 11-25 15:00-16:00"),
        ("24 10:00", window("25 18:00", "25 22:00"), {}, "nearest closed 11-25 16:00-17:00 11-25 17:00-18:00"),
        ("24 10:00", hour("12-25 15:00"), {}, "nearest far 12-07 14:00-15:00 12-07 15:00-16:00"),
        # the wish is over
        ("24 15:01", hour("24 15:00"), {}, "past"),
        ("24 18:00", window("24 12:00", "24 18:00"), {}, "past"),
    ],
)  # fmt: skip
def test_the_offer(now: str, wish: Wish | None, taken: Taken, answer: str) -> None:
    assert told(offer(at(now), HOURS, taken, 2, wish)) == answer


def test_nothing_free_within_ten_workdays() -> None:
    always = {at("24 09:00") + timedelta(hours=hours): 2 for hours in range(24 * 30)}
    assert offer(at("24 08:00"), HOURS, always, 2) == Offer("none")
    assert offer(at("24 08:00"), HOURS, always, 2, hour("25 15:00")) == Offer("none")


def test_a_callback_on_the_half_hour_fills_both_hours_that_it_reaches_into() -> None:
    taken = {at("25 14:30").astimezone(UTC): 2}
    found = offer(at("24 10:00"), HOURS, taken, 2, window("25 14:00", "25 17:00"))
    assert told(found) == "offered 11-25 16:00-17:00"


def test_two_half_hours_that_follow_each_other_are_one_call_at_a_time() -> None:
    taken = {at("25 13:30"): 1, at("25 14:30"): 1}
    assert told(offer(at("24 10:00"), HOURS, taken, 2, hour("25 14:00"))) == "exact 11-25 14:00-15:00"
    assert offer(at("24 10:00"), HOURS, taken, 1, hour("25 14:00")).reason == "full"


@pytest.mark.parametrize("minutes", [15, 29])
def test_a_slot_shorter_than_its_grain_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="shorter than the half hours"):
        offer(at("24 10:00"), HOURS, {}, 1, length=timedelta(minutes=minutes))


# ---- laws, for any moment, wish, bookings and capacity ------------------------------------------------------

START = datetime(2026, 9, 20, tzinfo=SHANGHAI)
minutes = st.integers(0, 40 * 24 * 60).map(lambda minute: START + timedelta(minutes=minute))
half_hours = st.integers(0, 40 * 48).map(lambda half: START + timedelta(minutes=30 * half))
bookings = st.dictionaries(half_hours, st.integers(1, 3), max_size=60)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[datetime, Wish | None]:
    """A wish, mostly near its `now`, so that past, soon and far all come up."""
    now = draw(minutes)
    if draw(st.booleans()) and draw(st.booleans()):
        return now, None
    start = now + timedelta(minutes=draw(st.integers(-600, 6 * 24 * 60)))
    return now, Wish(start, start + timedelta(minutes=draw(st.integers(1, 3000))), draw(st.booleans()))


def calls_at(moment: datetime, taken: Taken) -> int:
    return sum(count for start, count in taken.items() if start <= moment < start + HOUR)


@given(wishes(), bookings, st.integers(1, 3))
def test_every_slot_is_open_free_and_ahead(asked: tuple[datetime, Wish | None], taken: Taken, capacity: int) -> None:
    now, wish = asked
    found = offer(now, HOURS, taken, capacity, wish)
    assert len(found.slots) in {"offered": (1, 2), "nearest": (1, 2), "exact": (1,)}.get(found.outcome, (0,))
    assert (found.reason != "") == (found.outcome == "nearest")
    assert [slot.start for slot in found.slots] == sorted({slot.start for slot in found.slots})
    for slot in found.slots:
        quarters = [slot.start + timedelta(minutes=quarter) for quarter in range(0, 60, 15)]
        assert slot.end - slot.start == HOUR
        assert slot.start >= now + timedelta(minutes=5)
        assert all(HOURS.is_open(moment) for moment in quarters)
        assert all(calls_at(moment, taken) < capacity for moment in quarters)


@given(wishes(), bookings, st.integers(1, 3))
def test_the_outcome_keeps_its_word(asked: tuple[datetime, Wish | None], taken: Taken, capacity: int) -> None:
    now, wish = asked
    found = offer(now, HOURS, taken, capacity, wish)
    if wish is None:
        assert found.outcome in {"offered", "none"}
    elif found.outcome == "exact":
        assert wish.exact and wish.start in found.slots[0]
    elif found.outcome == "offered":
        assert not wish.exact and all(wish.start <= slot.start < wish.end for slot in found.slots)
    elif found.outcome == "past":
        assert (wish.start if wish.exact else wish.end) <= now


@given(wishes(), bookings, st.integers(1, 3))
def test_the_same_question_has_the_same_answer_in_any_zone_and_order(
    asked: tuple[datetime, Wish | None], taken: Taken, capacity: int
) -> None:
    now, wish = asked
    elsewhere = {start.astimezone(UTC): count for start, count in reversed(taken.items())}
    there = wish and Wish(wish.start.astimezone(UTC), wish.end.astimezone(UTC), wish.exact)
    assert offer(now.astimezone(UTC), HOURS, elsewhere, capacity, there) == offer(now, HOURS, taken, capacity, wish)
