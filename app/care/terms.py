"""The day that a text is about, as customers read of it: its name, and for a solar term a sentence of care."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from app.care import calendars

HERE = Path(__file__).with_name("terms.toml")


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Chinese name of a solar term (小暑) -> language -> its sentence of care, without the full stop."""
    return tomllib.loads(HERE.read_text(encoding="utf-8"))


def told(occasion: str, language: str) -> tuple[str, str]:
    """(name, sentence) of the named day in an occasion such as `xiaoshu:2026-07-07`; "" for what is not known.

    An occasion that names several days (`solar_term:2026-07-07`) is about the one that is on that date.
    """
    name, _, on = occasion.partition(":")
    day = calendars.named().get(name)
    if day is not None and day.days:
        day = _one_of(day.days, on)
    if day is None:
        return "", ""
    return day.title.get(language, ""), sentences().get(day.term, {}).get(language, "")


def _one_of(names: tuple[str, ...], on: str) -> calendars.NamedDay | None:
    try:
        found = date.fromisoformat(on)
    except ValueError:
        return None
    return next((calendars.named()[name] for name in names if found in calendars.dates(name, found.year)), None)
