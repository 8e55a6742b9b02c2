"""Planned texts for customers of the rig, as the planner would leave them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from app.care.library import shipped as templates
from app.handlers.care import switches
from app.store import consents, occasions, tables
from app.store.occasions import NewOccasion
from tests.rig import Rig

ANN, BEN, CAT = "+8613800000021", "+8613800000022", "+8613800000023"


def switch_on(rig: Rig, *keys: str) -> None:
    for key in keys:
        try:
            switches.switch(rig.service, "ops", key, True)
        except switches.ConfirmNumber as asked:
            switches.switch(rig.service, "ops", key, True, expected=asked.count)


def agrees(rig: Rig, phone: str, verdict: str = "granted", scope: str = "commercial") -> None:
    with rig.service.database.begin() as connection:
        consents.record(connection, phone, scope, verdict, "import", "test", rig.clock())


def invited(rig: Rig, phone: str = ANN, customer_id: str = "C1", **facts: Any) -> str:
    """A customer who agreed to offers."""
    rig.customer(phone, customer_id, **facts)
    agrees(rig, phone)
    return phone


def planned(
    rig: Rig,
    phone: str = ANN,
    programme: str = "settled",
    *,
    customer_id: str = "C1",
    occasion: str = "settled:2026-05-26",
    template: str = "",
    due_at: datetime | None = None,
    closes_at: datetime | None = None,
    language: str = "zh-CN",
    **more: Any,
) -> int:
    """A row of the planner, due now and open for two hours unless told otherwise; its id."""
    now = rig.clock()
    text = templates()[template or programme, language]
    new = NewOccasion(
        programme=programme,
        customer_id=customer_id,
        phone=phone,
        occasion=occasion,
        template=text.key,
        language=language,
        purpose=text.purpose,
        kind=text.kind,
        due_at=due_at or now,
        closes_at=closes_at or (due_at or now) + timedelta(hours=2),
        **more,
    )
    with rig.service.database.begin() as connection:
        occasions.add(connection, [new], now)
    return max(row.id for row in rig.rows(tables.Occasion))


def had(rig: Rig, phone: str, kind: str, moments: Iterable[datetime], programme: str = "earlier") -> None:
    """Texts that were queued for the number before."""
    same = {"programme": programme, "phone": phone, "customer_id": phone, "template": "t", "language": "zh-CN"}
    same |= {"purpose": "commercial", "kind": kind, "state": "queued", "given": {}, "menu": {}, "reason": ""}
    same |= {"segment": "", "variant": "", "priority": 0, "zone": ""}
    rows = [
        {**same, "occasion": at.isoformat(), "due_at": at, "closes_at": at, "planned_at": at, "queued_at": at}
        for at in moments
    ]
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.Occasion), rows)


def fate(rig: Rig, occasion_id: int) -> tuple[str, str]:
    """State and reason of a planned text."""
    return next((row.state, row.reason) for row in rig.rows(tables.Occasion) if row.id == occasion_id)


def row_of(rig: Rig, occasion_id: int) -> Any:
    return next(row for row in rig.rows(tables.Occasion) if row.id == occasion_id)


def message_of(rig: Rig, occasion_id: int) -> Any:
    """The text that a planned one became."""
    wanted = row_of(rig, occasion_id).message_id
    return next(row for row in rig.rows(tables.Message) if row.id == wanted)


def second_of(rig: Rig, occasion_id: int) -> Any:
    """The second text of a first one; None without one."""
    return next((row for row in rig.rows(tables.Occasion) if row.first_id == occasion_id), None)


def change(rig: Rig, table: Any, where: Any, **values: Any) -> None:
    with rig.service.database.begin() as connection:
        connection.execute(update(table).where(where).values(**values))


def at(text: str) -> datetime:
    """A moment in UTC: `2026-06-10 02:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
