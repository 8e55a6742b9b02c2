"""A text that begins a conversation, as a programme leaves it: its occasion, and the message in the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from app.care.menu import Reply, to_row
from app.handlers.compose import written
from app.store import outbox, tables
from tests.rig import Rig


def begin(
    rig: Rig, phone: str, words: str, *menu: Reply, programme: str = "settled", kind: str = "product", **more: Any
) -> int:
    """Queues the text and its occasion; the occasion's id. It is sent when the rig next pumps."""
    service, now = rig.service, rig.clock()
    purpose = "service" if kind == "service" else "commercial"
    with service.database.begin() as connection:
        message = written(
            service,
            phone=phone,
            purpose=purpose,
            template=f"care.{programme}@1",
            words=words,
            now=now,
            author="programme",
            language="en" if words.isascii() else "zh-CN",
        )
        given = {
            "programme": programme,
            "customer_id": "C1",
            "phone": phone,
            "occasion": f"{now.isoformat()}",
            "template": programme,
            "version": 1,
            "language": "zh-CN",
            "purpose": purpose,
            "kind": kind,
            "state": "queued",
            "given": {},
            "menu": to_row(menu),
            "due_at": now,
            "closes_at": now + timedelta(hours=2),
            "planned_at": now,
            "queued_at": now,
            "message_id": outbox.queue(connection, message, now),
            **more,
        }
        found = insert(tables.Occasion).values(**given).returning(tables.Occasion.id)
        return int(connection.execute(found).scalar_one())
