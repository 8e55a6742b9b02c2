"""Named days: festivals of the Chinese calendar, the 24 solar terms (in China's time), fixed days and seasons.

They stand in `calendars.toml`. Why lunar_python reckons them: docs/decisions.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from lunar_python import Lunar, Solar

FILE = Path(__file__).with_name("calendars.toml")
AHEAD = 7
"""A greeting goes in so many days before a named holiday, not on it."""


@dataclass(frozen=True, slots=True)
class NamedDay:
    """Of `lunar` (`8-15`, or `eve`), `term` (the Chinese name), `dates` (`10-01`) and `days` (names of others, any of
    which it is) one is given. `greeted`: a greeting goes before it beside the texts of the month."""

    name: str
    title: Mapping[str, str]
    lunar: str = ""
    term: str = ""
    dates: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    greeted: bool = False


@lru_cache(maxsize=1)
def named() -> Mapping[str, NamedDay]:
    """All named days, by name."""
    return {
        name: NamedDay(
            name,
            {"zh-CN": entry["zh-CN"], "en": entry["en"]},
            entry.get("lunar", ""),
            entry.get("term", ""),
            tuple(entry.get("dates", ())),
            tuple(entry.get("days", ())),
            entry.get("greeted", False),
        )
        for name, entry in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
    }


@lru_cache(maxsize=4_096)
def dates(name: str, year: int) -> tuple[date, ...]:
    """On which days of a year of ours it falls, in order: one as a rule, none or two for days late in the lunar year.

    Raises KeyError for a name that is not in `named()`.
    """
    day = named()[name]
    if day.days:
        return tuple(sorted(found for one in day.days for found in dates(one, year)))
    if day.term:
        return (terms(year)[day.term],)
    if day.lunar:
        found = (_of_lunar_year(day.lunar, lunar_year) for lunar_year in (year - 1, year))
        return tuple(one for one in found if one.year == year)
    return tuple(date.fromisoformat(f"{year:04}-{one}") for one in day.dates)


@lru_cache(maxsize=64)
def terms(year: int) -> Mapping[str, date]:
    """The solar terms of a year by their Chinese names, from 小寒 in January to 冬至 in December."""
    # The table goes from one winter solstice to beyond the next, which has its name in other letters.
    table = Lunar.fromYmd(year, 6, 1).getJieQiTable()
    names = (day.term for day in named().values() if day.term)
    return {name: _date(table["DONG_ZHI" if name == "冬至" else name]) for name in names}


def holiday_ahead(day: date) -> str:
    """The named holiday before which a greeting may go on that day: `mid_autumn:2026-09-25`; "" for none.

    When several are near it is the next one, so that each has days of its own.
    """
    return _holidays(day.year).get(day, "")


@lru_cache(maxsize=16)
def _holidays(year: int) -> Mapping[date, str]:
    ahead: dict[date, str] = {}
    coming = sorted(
        (found, name)
        for name, day in named().items()
        if day.greeted
        for near in (year, year + 1)
        for found in dates(name, near)
    )
    for found, name in reversed(coming):
        for before in range(1, AHEAD + 1):
            ahead[found - timedelta(days=before)] = f"{name}:{found}"
    return ahead


def _of_lunar_year(lunar: str, year: int) -> date:
    if lunar == "eve":
        return _of_lunar_year("1-1", year + 1) - timedelta(days=1)
    month, day = (int(part) for part in lunar.split("-"))
    return _date(Lunar.fromYmd(year, month, day).getSolar())


def _date(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())
