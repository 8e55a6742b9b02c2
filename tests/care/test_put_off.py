"""Another window for a text that another one has put off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.care.programme import When
from app.care.put_off import next_window
from tests.care.people import TODAY, at, person, programme

# The occasion lasts from Monday 23 to Wednesday 25 November.
WHO = person(settled_on=TODAY - timedelta(days=17))
OFFER = programme(when=When(fact="settled_on", after=15, lasts=3))
OCCASION = "settled_on:2026-11-08"
FAR = at("2026-12-31 00:00")


@pytest.mark.parametrize(
    ("earliest", "closes"),
    [
        ("2026-11-23 10:30", "2026-11-23 16:00"),
        ("2026-11-23 11:10", "2026-11-23 16:00"),
        ("2026-11-24 15:40", "2026-11-24 16:00"),
        ("2026-11-24 16:00", "2026-11-25 16:00"),
        ("2026-11-25 08:00", "2026-11-25 16:00"),
    ],
)
def test_it_is_the_first_one_while_the_occasion_lasts(earliest: str, closes: str) -> None:
    slot = next_window(WHO, OFFER, OCCASION, at(earliest), FAR)
    assert slot is not None
    assert at(earliest) <= slot[0] < slot[1] == at(closes)


@pytest.mark.parametrize("earliest", ["2026-11-25 16:00", "2026-11-26 08:00", "2026-11-22 10:00"])
def test_there_is_none_beyond_it(earliest: str) -> None:
    assert next_window(WHO, OFFER, OCCASION, at(earliest), FAR) is None


def test_there_is_none_that_opens_too_late() -> None:
    assert next_window(WHO, OFFER, OCCASION, at("2026-11-24 16:00"), at("2026-11-25 10:00")) is None


@pytest.mark.parametrize("occasion", ["settled_on:2026-11-09", f"{OCCASION}+2", ""])
def test_there_is_none_for_another_occasion(occasion: str) -> None:
    """The customer's date has changed since, or it is a second text."""
    assert next_window(WHO, OFFER, occasion, at("2026-11-24 08:00"), FAR) is None


def test_days_and_hours_are_the_customers() -> None:
    who = person(settled_on=WHO.settled_on, zone="America/New_York")
    slot = next_window(who, OFFER, OCCASION, at("2026-11-25 14:00"), FAR)
    assert slot is not None
    assert slot[1] in (at("2026-11-25 11:00", who.zone), at("2026-11-25 16:00", who.zone))


def test_a_festival_has_its_own_days() -> None:
    greeting = programme(when=When(day="dragon_boat", after=-3, lasts=3))
    assert next_window(person(), greeting, "dragon_boat:2026-06-19", at("2026-06-17 08:00"), FAR) is not None
    assert next_window(person(), greeting, "dragon_boat:2026-06-19", at("2026-06-19 08:00"), FAR) is None
