"""Which days are worked: a country's public holidays with its make-up workdays (调休), or Monday to Friday.

Why the `holidays` package: docs/decisions.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from holidays import HolidayBase, country_holidays

MAINLAND = frozenset({"Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "Asia/Kashgar", "PRC"})
FIRST_TOUCHED = 26
"""From this day of December on, the next year's arrangement may move a day: it made 2011-12-31 a workday."""


class Calendar(Protocol):
    def is_workday(self, day: date, /) -> bool:
        """Never raises, whatever the year."""

    def known(self, day: date, /) -> bool:
        """False when the answer of `is_workday` is an estimate that an announcement may still change."""

    def name(self, day: date, /) -> str:
        """What a holiday is called, in English: `National Day`. Empty for any other day, and where nobody knows."""


class Weekdays:
    """Monday to Friday, no holidays."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5

    def known(self, _day: date) -> bool:
        return True

    def name(self, _day: date) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class MainlandChina:
    """Public holidays and make-up workdays as the State Council announces them each November for the next year.

    For a year that is not announced, or not yet in the installed data: the statutory days of the 2024 revision,
    lunar ones included, with their days in lieu, and no make-up workdays; `known` is then False.
    """

    def is_workday(self, day: date) -> bool:
        return _china(day.year).is_working_day(day)

    def known(self, day: date) -> bool:
        touched = day.month == 12 and day.day >= FIRST_TOUCHED
        return _announced(day.year) and (not touched or _announced(day.year + 1))

    def name(self, day: date) -> str:
        name = str(_china(day.year).get(day, ""))
        return "" if name.startswith("Day off") else name.split(" (")[0].split(";")[0]


def calendar_for(zone: str) -> Calendar:
    """`zone` is an IANA name. Zones of mainland China have its holidays, all others Monday to Friday."""
    return MainlandChina() if zone in MAINLAND else Weekdays()


@lru_cache(maxsize=64)
def _china(year: int) -> HolidayBase:
    # One object per year, never expanded: a growing one is filled by one thread while others already read it.
    # Named in one language whatever the locale of the process: pages translate the names.
    return country_holidays("CN", years=year, expand=False, language="en_US")


@lru_cache(maxsize=64)
def _announced(year: int) -> bool:
    """Every announcement since 2001 has make-up workdays; the library's estimates have none."""
    return any(day.year == year for day in _china(year).weekend_workdays)
