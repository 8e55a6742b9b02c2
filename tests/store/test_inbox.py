"""Texts as they came: once, in order, and none for ever in the way of the next."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from app.store import inbox
from app.store.database import Database
from app.store.inbox import NewText
from tests.clock import START

NOW = START
ANN, BEN = "+8613800138000", "+8613800138001"


def add(connection: Connection, gateway_id: str, phone: str = ANN, state: str = "taken", **changes: str) -> int | None:
    given = {"gateway": "twilio", "recipient": "+1", "body": "您好", "keyword": "", **changes}
    new = NewText(gateway_id=gateway_id, phone=phone, media=0, raw={"Body": ["您好", "a"], "参数": []}, **given)  # type: ignore[arg-type]
    return inbox.add(connection, new, NOW, state=state)


def test_a_text_is_stored_once_by_its_gateway_and_id(database: Database) -> None:
    with database.begin() as connection:
        first = add(connection, "SM1")
        assert first is not None
        assert add(connection, "SM1") is None
        assert add(connection, "SM1", phone=BEN, body="TD") is None
        assert add(connection, "SM1", gateway="simulator") is not None
        assert add(connection, "SM2") is not None
        found = inbox.by_id(connection, first)
        assert (found.body, found.raw, found.received_at) == ("您好", {"Body": ["您好", "a"], "参数": []}, NOW)


def test_waiting_texts_are_taken_oldest_first_number_by_number(database: Database) -> None:
    with database.begin() as connection:
        taken = add(connection, "SM0")
        first, other, second = (
            add(connection, "SM1", state="waiting"),
            add(connection, "SM2", BEN, state="waiting"),
            add(connection, "SM3", state="waiting"),
        )
        assert taken and first and other and second
        assert inbox.waiting_phones(connection, 9) == [ANN, BEN]
        assert inbox.waiting_phones(connection, 1) == [ANN]
        for expected in (first, second):
            row = inbox.oldest_waiting(connection, ANN)
            assert row is not None and row["id"] == expected
            inbox.take(connection, expected)
        assert inbox.oldest_waiting(connection, ANN) is None
        assert inbox.waiting_phones(connection, 9) == [BEN]


def test_a_text_is_put_off_and_taken_later(database: Database) -> None:
    with database.begin() as connection:
        made = add(connection, "SM1")
        assert made
        inbox.put_off(connection, made, NOW + timedelta(seconds=5))
        row = inbox.oldest_waiting(connection, ANN)
        assert row is not None and (row["id"], row["retry_at"]) == (made, NOW + timedelta(seconds=5))


def test_the_third_failure_gives_a_text_up(database: Database) -> None:
    with database.begin() as connection:
        made, behind = add(connection, "SM1", state="waiting"), add(connection, "SM2", state="waiting")
        assert made and behind
        for last in (False, False, True):
            assert inbox.failed_once(connection, made, "x" * 999, NOW + timedelta(seconds=5), most=3) is last
        found = inbox.by_id(connection, made)
        assert (found.state, found.attempts, found.reason) == ("failed", 3, "x" * 200)
        row = inbox.oldest_waiting(connection, ANN)
        assert row is not None and row["id"] == behind


def test_a_text_that_somebody_took_meanwhile_has_not_failed(database: Database) -> None:
    with database.begin() as connection:
        made = add(connection, "SM1", state="waiting")
        assert made
        inbox.take(connection, made)
        assert not inbox.failed_once(connection, made, "late", NOW, most=1)
        assert inbox.by_id(connection, made).state == "taken"


def test_a_body_is_hidden_in_every_place_where_it_stands(database: Database) -> None:
    with database.begin() as connection:
        made = add(connection, "SM1", body="482193")
        assert made
        inbox.hide_body(connection, made, "••", {"Body": ["••"]})
        found = inbox.by_id(connection, made)
        assert (found.body, found.raw) == ("••", {"Body": ["••"]})
