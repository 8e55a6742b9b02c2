"""A text whose turn breaks is kept, tried again, handed to a person, and in nobody's way (law 1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, update

from app.store import tables
from tests.handlers.talk import ANN, BEN, only, topics
from tests.rig import Rig


@contextmanager
def broken(rig: Rig, statement: str, phone: str = ANN) -> Iterator[None]:
    """Whatever begins with `statement` and concerns the number breaks, as a bug would."""

    def refuse(_: object, __: object, sql: str, values: object, *___: object) -> tuple[str, object]:
        if sql.startswith(statement) and phone in str(values):
            raise RuntimeError("a bug")
        return sql, values

    engine = rig.service.database.engine
    event.listen(engine, "before_cursor_execute", refuse, retval=True)
    yield
    event.remove(engine, "before_cursor_execute", refuse)


def states(rig: Rig, phone: str = ANN) -> list[str]:
    return [row.state for row in rig.rows(tables.Inbound) if row.phone == phone]


def test_a_turn_that_breaks_once_is_taken_later(rig: Rig) -> None:
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "怎么还钱")
    assert states(rig) == ["waiting"]
    assert rig.rows(tables.Message) == []
    assert "1手机银行" in only(rig.answers(ANN))
    assert states(rig) == ["taken"]


def test_texts_behind_it_keep_their_order(rig: Rig) -> None:
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "怎么还钱")
    rig.text(ANN, "1")
    assert states(rig) == ["waiting", "waiting"]
    first, second = rig.answers(ANN)
    assert "1手机银行" in first
    assert "(1/" in second


def test_a_refusal_behind_it_is_not_lost(rig: Rig) -> None:
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "怎么还钱")
        rig.text(ANN, "TD")
    rig.pump()
    assert [row.scope for row in rig.rows(tables.Consent)] == ["commercial"]


def test_a_text_that_breaks_three_times_goes_to_a_person(rig: Rig) -> None:
    with broken(rig, "INSERT INTO messages"):
        rig.text(ANN, "怎么还钱")
        for _ in range(3):
            rig.wait(seconds=5)
    assert states(rig) == ["failed"]
    row = only(rig.rows(tables.Inbound))
    assert (row.reason, row.attempts) == ("RuntimeError", 3)
    ticket = rig.rows(tables.Ticket)[0]
    assert (ticket.kind, ticket.topic, ticket.place) == ("flag", "failed_text", f"inbound:{row.id}")
    assert len(rig.say(ANN, "怎么还钱")) == 1


def test_a_number_whose_every_turn_breaks_blocks_nobody(rig: Rig) -> None:
    rig.say(ANN, "您好")
    with rig.service.database.begin() as connection:
        connection.execute(update(tables.Conversation).values(memory={"guard": "broken"}))
    rig.text(ANN, "怎么还钱")
    with broken(rig, "INSERT INTO trace", BEN):
        rig.text(BEN, "怎么还钱")
    assert "1手机银行" in only(rig.answers(BEN))
    for _ in range(4):
        rig.wait(seconds=5)
    assert states(rig, BEN) == ["taken"]


def test_a_timer_that_breaks_rings_later_and_blocks_no_other(rig: Rig) -> None:
    for phone in (ANN, BEN):
        rig.say(phone, "转人工")
    with broken(rig, "INSERT INTO trace"):
        rig.wait(seconds=30)
        assert rig.answers(ANN) == []
        assert "95500" in only(rig.answers(BEN))
    rig.wait(minutes=1)
    assert "95500" in only(rig.answers(ANN))


def test_a_silence_that_breaks_ends_later_and_blocks_no_other(rig: Rig) -> None:
    for phone in (ANN, BEN):
        rig.customer(phone, phone)
        rig.say(phone, "ED")
    with broken(rig, "INSERT INTO trace"):
        rig.wait(minutes=5)
        assert rig.answers(ANN) == []
        assert "失效" in only(rig.answers(BEN))
    rig.wait(minutes=1)
    assert "失效" in only(rig.answers(ANN))


def test_nothing_of_a_broken_turn_is_left(rig: Rig) -> None:
    """State, replies, timers, questions and trace commit together or not at all (law 4)."""
    rig.customer(ANN)
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "给我回个电话")
        rig.text(ANN, "TD")
        for table in (tables.Message, tables.Timer, tables.Ticket, tables.Consent, tables.Trace):
            assert rig.rows(table) == [], table.__tablename__
    rig.pump()
    assert topics(rig) == []
