"""Customers and programmes for tests of the planner: what is not told has nothing to do with the test."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.care.decide import Consent, compiled
from app.care.person import Person
from app.care.programme import Decision, Programme, When

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 25)
"""A Wednesday, and a workday."""
MORNING = datetime(2026, 11, 25, 0, 30, tzinfo=SHANGHAI)


def person(**told: Any) -> Person:
    """Someone who agreed to offers and owes nothing."""
    known: dict[str, Any] = {
        "customer_id": "C1",
        "phone": "+8613800138000",
        "granted": frozenset({"commercial"}),
        "overdue_days": 0,
    }
    return Person(**known | told)


def programme(key: str = "settled", **told: Any) -> Programme:
    """Like the shipped `settled`, at any time of the day's two default windows."""
    known: dict[str, Any] = {
        "title": {},
        "purpose": "commercial",
        "kind": "product",
        "when": When(fact="settled_on", after=15, lasts=14),
        "template": key,
        "window": "any_day",
    }
    return Programme(key=key, **known | told)


def decisions(
    who: Person,
    *programmes: Programme,
    day: date = TODAY,
    now: datetime = MORNING,
    zone: ZoneInfo = SHANGHAI,
    consent: Consent = "granted",
    texts: set[tuple[str, str]] | None = None,
) -> dict[str, Decision]:
    """By programme. All templates are approved in Chinese unless told."""
    approved = {(one.template, "zh-CN") for one in programmes} if texts is None else texts
    known = {one.key: one for one in programmes}
    plan = compiled(known, day=day, now=now, zone=zone, consent=consent, texts=approved)
    return {decision.programme: decision for decision in plan.decide(who)}


def reason(who: Person, *programmes: Programme, **told: Any) -> str:
    """That of the first programme; empty when its text is planned."""
    return decisions(who, *programmes, **told)[programmes[0].key].reason


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    """`2026-11-25 10:00` on a clock of that zone, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
