from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.purpose import Purpose, blocked_by, hold_until, lane, validity

SHANGHAI = ZoneInfo("Asia/Shanghai")
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
RESTING: tuple[Purpose, ...] = ("reminder", "commercial")


def at(clock: str, day: str = "2026-11-23") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


def test_somebody_who_waits_goes_first() -> None:
    assert {purpose: lane(purpose) for purpose in PURPOSES} == {
        "answer": 0, "code": 0, "reminder": 1, "service": 1, "commercial": 2,
    }  # fmt: skip


def test_each_refusal_stops_what_it_names_and_the_gateways_stops_all() -> None:
    def stopped(scope: str) -> set[str]:
        return {purpose for purpose in PURPOSES if scope in blocked_by(purpose)}

    assert stopped("commercial") == {"commercial"}
    assert stopped("reminders") == {"reminder"}
    assert stopped("gateway") == set(PURPOSES)


@pytest.mark.parametrize(
    ("purpose", "clock", "seconds"),
    [
        ("code", "23:30", 300),
        ("answer", "03:00", 600),
        ("service", "21:59", 14_400),
        ("reminder", "10:00", 14_400),
        ("reminder", "20:00", 7_200),
        ("commercial", "08:00", 36_000),
        ("commercial", "16:00", 21_600),
        ("commercial", "21:59", 60),
    ],
)
def test_validity(purpose: Purpose, clock: str, seconds: int) -> None:
    assert validity(purpose, at(clock)) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("clock", "until"),
    [
        ("07:59:59", at("08:00")),
        ("08:00", None),
        ("21:59", None),
        ("21:59:01", at("08:00", "2026-11-24")),
        ("22:00", at("08:00", "2026-11-24")),
        ("00:00", at("08:00")),
    ],
)
@pytest.mark.parametrize("purpose", RESTING)
def test_commercial_texts_and_reminders_rest_at_night(purpose: Purpose, clock: str, until: datetime | None) -> None:
    assert hold_until(purpose, at(clock)) == until


moments = st.builds(
    lambda second, zone: datetime.fromtimestamp(second, zone),
    st.integers(1_767_225_600, 1_830_000_000),  # 2026 and 2027
    st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin")]),
)


@given(moments)
def test_answers_codes_and_service_notices_never_wait(now: datetime) -> None:
    assert [hold_until(purpose, now) for purpose in ("answer", "code", "service")] == [None] * 3


@given(st.sampled_from(RESTING), moments)
def test_what_leaves_expires_by_the_curfew_and_what_waits_leaves_by_day(purpose: Purpose, now: datetime) -> None:
    until = hold_until(purpose, now)
    if until is None:
        end = (now + validity(purpose, now)).timetz()
        assert 8 <= now.hour < 22
        assert (end.hour, end.minute, end.second, end.microsecond) <= (22, 0, 0, 0)
    else:
        assert until > now and hold_until(purpose, until) is None


@given(st.sampled_from(PURPOSES), moments)
def test_validity_is_one_that_gateways_take(purpose: Purpose, now: datetime) -> None:
    assert timedelta(seconds=60) <= validity(purpose, now) <= timedelta(seconds=36_000)


@pytest.mark.parametrize("purpose", RESTING)
def test_a_naive_moment_is_refused(purpose: Purpose) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        hold_until(purpose, datetime(2026, 11, 23, 10))  # noqa: DTZ001
