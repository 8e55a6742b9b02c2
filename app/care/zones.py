"""Where a customer's clock is, and which of their days the bank plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

MAINLAND = "Asia/Shanghai"
NEAR = timedelta(hours=2)


def zone_of(phone: str, default: str) -> str:
    """The IANA zone of a number as `app.rules.phone_numbers.e164` writes it; `default` where nothing is known.

    A number that may be in several zones (a mobile number of Russia) has `default` if that is one of them, else the
    middle one: no other is wrong by less.
    """
    if phone.startswith("+86"):  # One zone by law, and nearly all customers: a look-up costs fifty times as much.
        return MAINLAND
    return _looked_up(phone, default)


@lru_cache(maxsize=65_536)
def _looked_up(phone: str, default: str) -> str:
    try:
        told = time_zones_for_number(phonenumbers.parse(phone, None))
    except phonenumbers.NumberParseException:
        return default
    zones = [zone for zone in told if zone in _known()]
    if not zones or default in zones:
        return default
    return sorted(zones, key=_offset)[(len(zones) - 1) // 2]


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def _offset(zone: str) -> tuple[timedelta, str]:
    return _in_january(ZoneInfo(zone), 2026), zone


@lru_cache(maxsize=4_096)
def local_day(day: date, bank: ZoneInfo, zone: ZoneInfo) -> date:
    """The customer's day that is planned on the bank's `day`: the same date, or where clocks are more than two hours
    ahead the next one, since the morning of the same one is over when the bank begins.

    The difference is that of 1 January: with daylight saving in it, a day would be planned twice and another never.
    """
    ahead = _in_january(zone, day.year) - _in_january(bank, day.year) > NEAR
    return day + timedelta(days=1) if ahead else day


def _in_january(zone: ZoneInfo, year: int) -> timedelta:
    return datetime(year, 1, 1, tzinfo=zone).utcoffset() or timedelta()
