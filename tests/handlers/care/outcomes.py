"""Texts of programmes with what became of them, as rows: for tests of what is counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from app.care.programmes import shipped
from app.store import tables
from app.store.database import Database

DELIVERED, FAILED = 40, 42
NUMBERS = count(1)
COMPARED = next(key for key, one in shipped().items() if [arm.name for arm in one.arms] == ["A", "B"])
"""A programme of the release that has two texts to compare."""


def text(
    database: Database,
    at: datetime,
    programme: str = "settled",
    *,
    state: str = "queued",
    reason: str = "",
    status: int = DELIVERED,
    followed: timedelta | None = None,
    answers: tuple[str, ...] = (),
    answered: timedelta = timedelta(minutes=5),
    confidence: float = 1.0,
    talk: timedelta | None = None,
    event: tuple[str, timedelta] | None = None,
    **more: Any,
) -> int:
    """One occasion whose slot is `at`, and what came of it so much later; its id."""
    number = next(NUMBERS)
    phone, customer = f"+86139{number:08d}", more.pop("customer_id", f"C{number}")
    left = state == "queued"
    with database.begin() as connection:
        message = connection.execute(
            insert(tables.Message)
            .values(
                phone=phone,
                purpose="commercial",
                lane=2,
                template=f"care.{programme}@0",
                body="",
                parts=1,
                state="handed",
                created_at=at,
                due_at=at,
                expires_at=at,
                status=status,
            )
            .returning(tables.Message.id)
        ).scalar_one()
        row = {
            "programme": programme,
            "customer_id": customer,
            "phone": phone,
            "occasion": f"o{number}",
            "template": programme,
            "variant": "",
            "version": 0 if left else None,
            "language": "zh-CN",
            "purpose": "commercial",
            "kind": "product",
            "segment": "",
            "zone": "",
            "state": state,
            "reason": reason,
            "given": {},
            "menu": {},
            "due_at": at,
            "closes_at": at,
            "planned_at": at,
            "queued_at": at if left else None,
            "message_id": message if left else None,
        }
        occasion: int = connection.execute(
            insert(tables.Occasion).values(**{**row, **more}).returning(tables.Occasion.id)
        ).scalar_one()
        if followed is not None:
            link = {
                "code": f"l{number}",
                "target": "https://bank.example.com",
                "occasion_id": occasion,
                "template": "t",
            }
            connection.execute(insert(tables.Link).values(**link, created_at=at, followed_at=at + followed))
        for place, meaning in enumerate(answers):
            answer = {"inbound_id": 10 * number + place, "occasion_id": occasion, "phone": phone, "meaning": meaning}
            moment = at + answered
            connection.execute(insert(tables.Response).values(**answer, confidence=confidence, at=moment))
        if talk is not None:
            ticket = {"phone": phone, "kind": "talk", "topic": "human", "state": "waiting", "opened_at": at + talk}
            connection.execute(insert(tables.Ticket).values(**ticket))
        if event is not None:
            kind, after = event
            told = {"event_key": f"e{number}", "customer_id": customer, "kind": kind, "detail": {}}
            connection.execute(insert(tables.CustomerEvent).values(**told, at=at + after, received_at=at + after))
    return occasion
