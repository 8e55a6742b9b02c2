"""A second text for a link that nobody followed (B7): planned with the first one, judged like any other when it is due.

Planned in the same transaction, so it comes once or not at all, whoever dies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from app.care.windows import next_slot
from app.handlers.care.judged import Judge, Ready
from app.store.occasions import NewOccasion

MARK = "+2"
"""What makes its occasion one of its own."""
AHEAD = timedelta(days=3)
"""Its slot opens within so many days, or there is none: later, nobody remembers the first one."""


def second_of(judge: Judge, row: Any, first: Ready) -> Iterator[NewOccasion]:
    """The second text of one that was queued now, if its template has one and its programme wants it."""
    programme = judge.active[row.programme]
    key = first.template.second
    if row.first_id or not key or not programme.second_after_hours:
        return
    template = judge.approved(key, row.language)
    earliest = judge.now + timedelta(hours=programme.second_after_hours)
    slot = next_slot(first.person, programme, earliest, earliest + AHEAD)
    if template is None or slot is None:
        return
    due_at, closes_at = slot
    yield NewOccasion(
        programme=row.programme,
        customer_id=row.customer_id,
        phone=row.phone,
        occasion=f"{row.occasion}{MARK}",
        run_id=row.run_id,
        template=key,
        variant=row.variant,
        language=row.language,
        purpose=template.purpose,
        kind=template.kind,
        segment=row.segment,
        priority=row.priority,
        zone=row.zone,
        given=row.given,
        due_at=due_at,
        closes_at=closes_at,
        first_id=row.id,
    )
