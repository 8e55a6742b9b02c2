"""The customers of the laws of texts that start conversations: in three zones, one of whom never agreed to offers, and
one of whom has two numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from app.handlers.care import switches
from app.handlers.service import Service
from app.store import consents, tables
from tests.laws.care_bench import CareBench

SHANGHAI, NEW_YORK, LONDON, NEVER_ASKED = "+8613800000011", "+12125550123", "+442079460958", "+8613800000014"
PHONES = (SHANGHAI, NEW_YORK, LONDON, NEVER_ASKED)
OTHER = "+8613800000015"
"""Another number of whoever has the first one."""
NUMBERS = (*PHONES, OTHER)
ZONES: Mapping[str, ZoneInfo] = {
    SHANGHAI: ZoneInfo("Asia/Shanghai"),
    NEW_YORK: ZoneInfo("America/New_York"),
    LONDON: ZoneInfo("Europe/London"),
    NEVER_ASKED: ZoneInfo("Asia/Shanghai"),
    OTHER: ZoneInfo("Asia/Shanghai"),
}
CUSTOMERS = {phone: f"P{place}" for place, phone in enumerate(PHONES, 1)} | {OTHER: "P1"}
PROGRAMMES = ("birthday", "birthday_offer", "settled", "wake_up", "solar_term", "repayment_reminder", "dragon_boat")


def invite(bench: CareBench) -> CareBench:
    """Everybody has a birthday, a settled loan and a repayment ahead; all programmes are on."""
    service = bench.processes[0].service
    # The other number first: the planner takes the newest.
    for phone in reversed(NUMBERS):
        customer_id = CUSTOMERS[phone]
        bench.customer(
            phone,
            customer_id,
            birthday=date(1990, 6, 10),
            settled_on=date(2026, 5, 26),
            last_active_on=date(2025, 12, 12),
            due_on=date(2026, 6, 17),
            amount_due=Decimal("5360"),
            limit_expires_on=None,
        )
        if phone != NEVER_ASKED:
            with bench.outside.begin() as connection:
                consents.record(connection, phone, "commercial", "granted", "import", "test", bench.clock())
    for key in PROGRAMMES:
        switch(service, key, True)
    return bench


def switch(service: Service, key: str, on: bool) -> None:
    """As an operator does it who confirms whatever number is asked for."""
    try:
        switches.switch(service, "ops", key, on)
    except switches.ConfirmNumber as asked:
        switches.switch(service, "ops", key, on, expected=asked.count)


def write_version(bench: CareBench, key: str, number: int, state: str, content: Mapping[str, object]) -> None:
    """A version of a Chinese text as people wrote it and somebody judged it; the one in force before is retired."""
    now, rows = bench.clock(), tables.TemplateVersion
    with bench.outside.begin() as connection:
        mine = (rows.template == key, rows.language == "zh-CN", rows.state == "approved")
        connection.execute(rows.__table__.update().where(*mine).values(state="retired"))
        connection.execute(
            insert(rows).values(
                template=key,
                language="zh-CN",
                version=number,
                content=dict(content),
                state=state,
                author="wen",
                written_at=now,
                judged_by="qi",
                judged_at=now,
                reason="",
            )
        )
