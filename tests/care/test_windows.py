"""When texts may leave (B4): the windows of the articles, workdays, the customer's clock and the days of its change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.care import windows
from app.care.clock import passes
from app.care.windows import BadWindow, next_slot, place, read
from app.care.zones import local_day, zone_of
from app.rules.purpose import CURFEW, DAYBREAK
from tests.care.people import at, person, programme

SHANGHAI, LONDON, NEW_YORK = "Asia/Shanghai", "Europe/London", "America/New_York"


@pytest.mark.parametrize(
    ("name", "opens", "shut", "hours"),
    [
        # 2026-11-25 is a Wednesday. 2026-02-14 is a Saturday and made up for; 2026-10-01 a Thursday and a holiday.
        ("consumer_loan", ["2026-11-25", "2026-11-27"], ["2026-11-24", "2026-11-28"], "16:00-18:00"),
        ("business_loan", ["2026-11-24", "2026-02-14"], ["2026-11-28", "2026-10-01"], "10:00-11:00"),
        ("mortgage", ["2026-11-28", "2026-11-29"], ["2026-11-27", "2026-02-14"], "08:00-10:00 12:00-14:00"),
        ("employee", ["2026-11-24", "2026-02-14"], ["2026-11-28", "2026-10-01"], "12:00-13:30"),
        ("owner", ["2026-11-28", "2026-11-29"], ["2026-11-27", "2026-02-14"], "09:00-10:30"),
        ("default", ["2026-11-24", "2026-02-14"], ["2026-11-28", "2026-10-01"], "10:00-11:00 15:00-16:00"),
        ("any_day", ["2026-11-24", "2026-11-28", "2026-10-01"], [], "10:00-11:00 15:00-16:00"),
    ],
)
def test_the_shipped_windows_are_those_of_the_articles(
    name: str, opens: list[str], shut: list[str], hours: str
) -> None:
    window = windows.shipped()[name]
    assert " ".join(str(period) for period in window.hours) == hours
    assert [window.opens(date.fromisoformat(day), SHANGHAI) for day in opens] == [True] * len(opens)
    assert [window.opens(date.fromisoformat(day), SHANGHAI) for day in shut] == [False] * len(shut)


def test_chinas_holidays_are_nobody_elses() -> None:
    assert windows.shipped()["default"].opens(date(2026, 10, 1), LONDON)
    assert not windows.shipped()["default"].opens(date(2026, 2, 14), LONDON)


@pytest.mark.parametrize(
    ("told", "segment", "expected"),
    [
        ({"window": "any_day", "product": "consumer"}, "owner", "any_day"),
        ({"window": "", "product": "consumer"}, "owner", "consumer_loan"),
        ({"window": "", "product": "business"}, "employee", "business_loan"),
        ({"window": "", "product": "mortgage"}, "", "mortgage"),
        ({"window": "", "product": "car"}, "owner", "owner"),
        ({"window": ""}, "employee", "employee"),
        ({"window": ""}, "vip", "default"),
    ],
)
def test_a_programmes_own_window_goes_before_its_product_and_that_before_the_customer(
    told: dict[str, str], segment: str, expected: str
) -> None:
    assert windows.of(person(segment=segment), programme(**told)).name == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[default]\ndays = ["workday"]\nhours = ["10:00-9:00"]', "default.hours: has '10:00-9:00', which ends before"),
        (
            '[default]\ndays = ["noday"]\nhours = ["10:00-11:00"]',
            "default.days: has 'noday'; take of workday, weekend, any",
        ),
        ('[default]\nhours = ["10:00-11:00"]', "default.days: is empty; take of workday, weekend, any"),
        ('[default]\ndays = ["any"]\nhours = ["07:30-09:00"]', "default.hours: reach into the night"),
        ('[default]\ndays = ["any"]\nhours = ["21:00-22:30"]', "default.hours: reach into the night"),
        (
            '[default]\ndays = ["any"]\nhours = ["10:00-11:00"]\nproduct = "boat"',
            "default.product: is 'boat'; take one",
        ),
        ('[default]\ndays = ["any"]\nhours = ["10:00-11:00"]\ncolour = "red"', "default.colour: is not a field"),
        ('[default]\ndays = ["any"]', "default.hours: has no period; write it like"),
        ("days = ", "Invalid value"),
        ('[owner]\ndays = ["any"]\nhours = ["10:00-11:00"]', "default: is missing; add a table [default]"),
    ],
)
def test_a_bad_window_says_where_and_what(text: str, says: str) -> None:
    with pytest.raises(BadWindow) as fault:
        read(text, "windows.toml")
    assert str(fault.value).startswith(f"windows.toml: {says}")


def test_no_shipped_window_reaches_into_the_night() -> None:
    for window in windows.shipped().values():
        assert all(DAYBREAK <= period.start < period.end <= CURFEW for period in window.hours)


def test_customers_are_spread_over_the_window_and_each_keeps_its_place() -> None:
    spans = windows.shipped()["default"].spans(date(2026, 11, 25), SHANGHAI)
    dues = [_due(place(spans, f"C{number}", spans[0][0])) for number in range(3_000)]
    assert dues == [_due(place(spans, f"C{number}", spans[0][0])) for number in range(3_000)]
    quarters = [0] * 8
    for due in dues:
        span = next(at for at, (start, end) in enumerate(spans) if start <= due < end)
        quarters[span * 4 + int((due - spans[span][0]) / (0.8 * timedelta(hours=1)) * 4)] += 1
    assert min(quarters) > 300


def _due(slot: windows.Span | None) -> datetime:
    assert slot is not None
    return slot[0]


def test_the_end_of_a_window_is_left_for_those_that_had_to_wait() -> None:
    spans = windows.shipped()["business_loan"].spans(date(2026, 11, 25), SHANGHAI)
    assert max(_due(place(spans, f"C{number}", spans[0][0])) for number in range(3_000)) < at("2026-11-25 10:48")


def test_nothing_is_begun_in_the_last_moments_of_a_window() -> None:
    spans = windows.shipped()["business_loan"].spans(date(2026, 11, 25), SHANGHAI)
    assert place(spans, "C1", at("2026-11-25 10:58")) is not None
    assert place(spans, "C1", at("2026-11-25 10:58") + timedelta(seconds=1)) is None


def test_the_next_slot_is_in_the_first_window_that_opens() -> None:
    offer = programme(window="", product="consumer")
    slot = next_slot(person(), offer, at("2026-11-25 18:00"), at("2026-12-05 00:00"))
    assert slot is not None
    assert at("2026-11-27 16:00") <= slot[0] < slot[1] == at("2026-11-27 18:00")
    assert slot[0].tzinfo == ZoneInfo(SHANGHAI)


def test_there_is_no_slot_when_none_opens_in_time() -> None:
    offer = programme(window="", product="consumer")
    assert next_slot(person(), offer, at("2026-11-25 18:00"), at("2026-11-27 16:00")) is None


def test_a_slot_closes_when_the_time_is_over() -> None:
    slot = next_slot(person(), programme(), at("2026-11-25 10:00"), at("2026-11-25 10:20"))
    assert slot is not None
    assert slot[1] == at("2026-11-25 10:20")


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        # New York skips 02:00-03:00 on 8 March 2026 and has 01:00-02:00 twice on 1 November.
        (NEW_YORK, "2026-03-08", "01:30-03:30", ("06:30", "07:30")),
        (NEW_YORK, "2026-03-08", "02:15-02:45", None),
        (NEW_YORK, "2026-03-08", "02:15-03:30", ("07:00", "07:30")),
        (NEW_YORK, "2026-03-08", "01:30-02:30", ("06:30", "07:00")),
        (NEW_YORK, "2026-03-08", "10:00-11:00", ("14:00", "15:00")),
        (NEW_YORK, "2026-11-01", "00:30-01:30", ("04:30", "05:30")),
        (NEW_YORK, "2026-11-01", "01:30-02:30", ("06:30", "07:30")),
        (NEW_YORK, "2026-11-01", "01:10-01:40", ("05:10", "05:40")),
        (NEW_YORK, "2026-11-01", "00:30-02:30", ("04:30", "07:30")),
        (NEW_YORK, "2026-11-01", "10:00-11:00", ("15:00", "16:00")),
        # London skips 01:00-02:00 on 29 March 2026 and has it twice on 25 October.
        (LONDON, "2026-03-29", "00:30-02:30", ("00:30", "01:30")),
        (LONDON, "2026-03-29", "01:00-02:00", None),
        (LONDON, "2026-03-29", "01:30-02:15", ("01:00", "01:15")),
        (LONDON, "2026-10-25", "01:00-02:00", ("01:00", "02:00")),
        (LONDON, "2026-10-25", "01:30-03:00", ("01:30", "03:00")),
        (LONDON, "2026-10-25", "15:00-16:00", ("15:00", "16:00")),
    ],
)
def test_hours_that_a_day_skips_or_has_twice(zone: str, day: str, hours: str, expected: tuple[str, str] | None) -> None:
    """Expected in UTC."""
    start, end = (time.fromisoformat(part) for part in hours.split("-"))
    found = passes(date.fromisoformat(day), start, end, ZoneInfo(zone))
    assert found == (expected and tuple(datetime.fromisoformat(f"{day} {part}+00:00") for part in expected))


@pytest.mark.parametrize("zone", [NEW_YORK, LONDON, SHANGHAI, "Australia/Lord_Howe", "America/Santiago"])
@pytest.mark.parametrize("month", [3, 4, 9, 10, 11])
def test_every_moment_of_a_span_reads_as_one_of_its_hours(zone: str, month: int) -> None:
    """Also where clocks change at midnight, or by half an hour."""
    day = date(2026, month, 1)
    while day.month == month:
        for start, end in [(time(0, 10), time(0, 50)), (time(0, 30), time(3, 30)), (time(1, 45), time(2, 20))]:
            span = passes(day, start, end, ZoneInfo(zone))
            moment = span[0] if span else datetime.max.replace(tzinfo=UTC)
            while span and moment < span[1]:
                local = moment.astimezone(ZoneInfo(zone))
                assert local.date() == day
                assert start <= local.time() < end
                moment += timedelta(minutes=5)
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+8613800138000", "Asia/Shanghai"),
        ("+12125550123", "America/New_York"),
        ("+13105550123", "America/Los_Angeles"),
        ("+442079460000", "Europe/London"),
        ("+85251234567", "Asia/Hong_Kong"),
        ("+800", "Asia/Tokyo"),
        ("", "Asia/Tokyo"),
    ],
)
def test_a_number_tells_its_zone(phone: str, expected: str) -> None:
    assert zone_of(phone, "Asia/Tokyo") == expected


def test_a_number_of_many_zones_has_the_banks_or_the_one_in_the_middle() -> None:
    mobile_of_russia = "+79161234567"
    assert zone_of(mobile_of_russia, "Europe/Moscow") == "Europe/Moscow"
    middle = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone_of(mobile_of_russia, "Asia/Tokyo"))).utcoffset()
    assert middle is not None
    assert timedelta(hours=5) <= middle <= timedelta(hours=8)


@pytest.mark.parametrize("bank", ["America/New_York", "Europe/London", "Asia/Shanghai"])
@pytest.mark.parametrize(
    "zone", ["Asia/Shanghai", "Asia/Dubai", "Pacific/Auckland", "America/Los_Angeles", "Europe/Moscow"]
)
def test_each_day_of_a_customer_is_planned_once_and_before_it_is_used(bank: str, zone: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(365)]
    planned = [local_day(day, ZoneInfo(bank), ZoneInfo(zone)) for day in days]
    assert planned == [planned[0] + timedelta(days=ahead) for ahead in range(365)]
    for day, theirs in zip(days, planned, strict=True):
        begins = datetime.combine(day, DAYBREAK, ZoneInfo(bank))
        usable = datetime.combine(theirs, DAYBREAK, ZoneInfo(zone))
        assert timedelta(hours=-3) <= usable - begins <= timedelta(hours=24)
