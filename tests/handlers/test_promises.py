"""Promises to pay: one holds, the last one; a hand that has taken it up is told of the next as well."""

from __future__ import annotations

from sqlalchemy import update

from app.store import tables
from tests.handlers.talk import ANN, BEN
from tests.rig import Rig


def promises(rig: Rig, phone: str = ANN) -> list[str]:
    rows = rig.rows(tables.Ticket)
    return [row.reason for row in rows if row.topic == "promise_to_pay" and row.phone == phone]


def test_a_promise_that_is_moved_is_one(rig: Rig) -> None:
    for phone in (ANN, BEN):
        rig.customer(phone)
        rig.say(phone, "我6月12日还款")
    before = promises(rig, BEN)
    rig.say(ANN, "改成6月15日吧")
    assert promises(rig) == ["2026-06-15"]
    assert promises(rig, BEN) == before, "and everybody else's stays"


def test_one_that_somebody_has_taken_up_stays_as_it_was_read(rig: Rig) -> None:
    rig.customer(ANN)
    rig.say(ANN, "我6月12日还款")
    with rig.service.database.begin() as connection:
        connection.execute(update(tables.Ticket).values(state="claimed", agent="li"))
    rig.say(ANN, "改成6月15日吧")
    assert promises(rig) == ["2026-06-12", "2026-06-15"]
