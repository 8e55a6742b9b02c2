"""A dry run as the page shows it: who would get the text and when, who would not and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import format_date
from flask_babel import gettext as _

from app.care.programme import Programme
from app.handlers.care import preview
from app.handlers.care.preview import PLANNED, Forecast
from app.handlers.service import Service
from app.store import customers_shown
from app.web.console import names
from app.web.console.care.programmes_said import not_sent
from app.web.console.care.templates_samples import masked

MOST = 20_000
"""Customers whom a page looks at: some seconds. `huifu care preview` looks at all."""


@dataclass(frozen=True, slots=True)
class Example:
    """A customer by surname and title and the last digits of the number. `due_at`: empty for who gets nothing."""

    who: str
    tail: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many get nothing, and some of them."""

    said: str
    count: int
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Dry:
    """`hours`: (hour in words, texts). `partial`: there are more customers than were looked at."""

    day: date
    seen: int
    planned: int
    hours: list[tuple[str, int]]
    reasons: list[Reason]
    examples: list[Example]
    partial: bool


def dry_run(service: Service, programme: Programme, day: date) -> Dry:
    """The plan of that day with this programme switched on beside those that are; no row is written."""
    found = preview.preview(service, day, keys=[programme.key], most=MOST)
    told = found.programmes[programme.key]
    named = _named(service, told)
    reasons = [
        Reason(not_sent(code), count, _examples(told, code, named))
        for code, count in told.outcomes.most_common()
        if code != PLANNED
    ]
    return Dry(
        day=day,
        seen=found.seen,
        planned=told.outcomes[PLANNED],
        hours=[(_hour(hour, day), count) for hour, count in sorted(told.hours.items())],
        reasons=reasons,
        examples=_examples(told, PLANNED, named),
        partial=found.partial,
    )


def _named(service: Service, told: Forecast) -> dict[str, str]:
    ids = {sample.customer_id for samples in told.samples.values() for sample in samples}
    with service.database.begin() as connection:
        rows = customers_shown.named(connection, ids)
    return {key: masked(row.name, row.title, names.language()) for key, row in rows.items()}


def _examples(told: Forecast, code: str, named: dict[str, str]) -> list[Example]:
    samples: Iterable[preview.Sample] = told.samples.get(code, ())
    return [
        Example(named.get(one.customer_id, ""), f"…{one.tail}" if one.tail else _("no number"), one.due_at)
        for one in samples
    ]


def _hour(hour: datetime, day: date) -> str:
    said = f"{hour:%H}:00–{hour:%H}:59"
    return said if hour.date() == day else f"{format_date(hour.date(), 'MMMd')} {said}"
