"""What may leave is asked for before rows are claimed, so that nothing is leased in vain; and bulk gives way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.handlers.text_leaves import drain
from app.store import outbox, tables
from app.store.outbox import NewMessage
from app.worker.lanes import Lanes
from tests.rig import Rig


class Purse:
    """A budget that grants what is in it."""

    def __init__(self, parts: int) -> None:
        self.parts = parts

    def ask(self, most: int) -> int:
        granted = max(0, min(most, self.parts))
        self.parts -= granted
        return granted

    def settle(self, granted: int, used: int) -> None:
        self.parts += granted - used


def queue(rig: Rig, phone: str, *, parts: int = 1, purpose: str = "answer", lane: int = 0, minutes: int = 10) -> int:
    now = rig.clock()
    new = NewMessage(
        phone=phone,
        purpose=purpose,
        lane=lane,
        template="t",
        body="【示例银行】您好",
        parts=parts,
        due_at=now,
        expires_at=now + timedelta(minutes=minutes),
    )
    with rig.service.database.begin() as connection:
        return outbox.queue(connection, new, now)


def states(rig: Rig) -> list[str]:
    return [row.state for row in rig.rows(tables.Message)]


def numbers(count: int) -> list[str]:
    return [f"+86138001380{number:02}" for number in range(count)]


def test_no_row_is_touched_when_nothing_may_leave(rig: Rig) -> None:
    queue(rig, numbers(1)[0])
    assert drain(rig.service, budget=Purse(0)) == 0
    (row,) = rig.rows(tables.Message)
    assert (row.state, row.attempts, row.lease_until) == ("queued", 0, None)


def test_only_what_fits_is_claimed_and_the_rest_goes_back(rig: Rig) -> None:
    for phone in numbers(4):
        queue(rig, phone, parts=3)
    purse = Purse(7)
    assert drain(rig.service, budget=purse) == 3
    assert states(rig) == ["handed", "handed", "handed", "queued"]
    assert purse.parts == -2, "the third went beyond, and is paid for later"
    assert drain(rig.service, budget=purse) == 0
    purse.parts = 50
    assert drain(rig.service, budget=purse) == 1
    assert purse.parts == 47


def test_what_does_not_leave_costs_nothing(rig: Rig) -> None:
    queue(rig, numbers(1)[0], parts=3, minutes=-1)
    purse = Purse(10)
    assert drain(rig.service, budget=purse) == 1
    assert states(rig) == ["failed"]
    assert purse.parts == 10


def test_a_claim_that_fails_costs_nothing(rig: Rig) -> None:
    purse = Purse(10)
    with rig.service.database.begin() as connection:
        connection.execute(tables.Message.__table__.delete())
        connection.exec_driver_sql("ALTER TABLE messages RENAME TO hidden")
    with pytest.raises(Exception, match="messages"):
        drain(rig.service, budget=purse)
    assert purse.parts == 10


def test_bulk_rests_until_answers_are_no_longer_behind(make_rig: Callable[..., Rig]) -> None:
    """A sender of one part a second: six answers are six seconds of it, and the offer waits."""
    phones, rig = numbers(7), make_rig(send_rate=1.0)
    lanes = Lanes(rig.service, 4, threading.Event())
    for phone in phones[:6]:
        queue(rig, phone)
    queue(rig, phones[6], purpose="commercial", lane=2, minutes=60)
    assert lanes.jobs["bulk"].run() == 0
    assert drain(rig.service, 1, lanes=(0, 0)) == 1
    assert lanes.jobs["bulk"].run() == 1
    lanes.close()
    assert states(rig) == ["handed", *["queued"] * 5, "handed"]


def test_without_a_rate_bulk_rests_when_answers_stay_for_long(make_rig: Callable[..., Rig]) -> None:
    phones, rig = numbers(7), make_rig(sender_threads=4)
    lanes = Lanes(rig.service, 4, threading.Event())
    for phone in phones[:6]:
        queue(rig, phone)
    queue(rig, phones[6], purpose="reminder", lane=1, minutes=60)
    rig.clock.advance(seconds=6)
    assert lanes.jobs["bulk"].run() == 0
    drain(rig.service, 2, lanes=(0, 0))
    assert lanes.jobs["bulk"].run() == 1
    lanes.close()
