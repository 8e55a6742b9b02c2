"""The bank's second channel answers over HTTP: signed, in time, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.store import companions, tables
from app.store.companions import NewCompanion
from tests.companions.bridge import SECRET, answer
from tests.rig import Rig

PATH = "/webhooks/second/confirmation"
MakeRig = Callable[..., Rig]


@pytest.fixture
def bank(make_rig: MakeRig) -> Rig:
    """One confirmation was told."""
    rig = make_rig(second_channel_url="http://127.0.0.1:9/hooks", second_channel_secret=SECRET)
    now = rig.clock()
    new = NewCompanion("+8613800000021", "C1", "second", "template:vip", "tok-1", "zh-CN", now, now + timedelta(days=1))
    with rig.service.database.begin() as connection:
        companion = companions.add(connection, new, now)
        companions.take(connection, [companion], now + timedelta(minutes=3))
        companions.sent(connection, companion, now)
    return rig


def tell(rig: Rig, said: str, token: str = "tok-1", *, body: bytes | None = None, **more: Any) -> int:
    made, headers = answer(more.pop("at", rig.clock()), said, token, **more)
    return rig.web.post(PATH, data=made if body is None else body, headers=headers).status_code


def state(rig: Rig) -> tuple[str, str]:
    (row,) = rig.rows(tables.Companion)
    return row.state, row.reason


@pytest.mark.parametrize(
    ("said", "after"),
    [("confirmed", ("confirmed", "")), ("declined", ("declined", "")), ("undeliverable", ("failed", "undeliverable"))],
)
def test_a_word_is_noted(bank: Rig, said: str, after: tuple[str, str]) -> None:
    assert tell(bank, said) == 204
    assert state(bank) == after


def test_the_same_call_twice_is_one(bank: Rig) -> None:
    first = bank.clock()
    assert tell(bank, "confirmed", at=first) == 204
    bank.clock.advance(minutes=1)
    assert tell(bank, "confirmed", at=first) == 204
    (row,) = bank.rows(tables.Companion)
    assert row.settled_at == first


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (("confirmed", "declined"), "confirmed"),
        (("declined", "confirmed"), "declined"),
        (("confirmed", "undeliverable"), "confirmed"),
        (("undeliverable", "confirmed"), "confirmed"),
        (("undeliverable", "undeliverable"), "failed"),
    ],
)
def test_the_first_word_of_the_customer_stands(bank: Rig, words: tuple[str, ...], after: str) -> None:
    assert [tell(bank, said, message_id=f"a{n}") for n, said in enumerate(words)] == [204, 204]
    assert state(bank)[0] == after


def test_a_word_may_come_before_we_noted_that_it_was_told(bank: Rig) -> None:
    now = bank.clock()
    new = NewCompanion("+8613800000021", "C1", "second", "template:vip", "tok-2", "zh-CN", now, now + timedelta(days=1))
    with bank.service.database.begin() as connection:
        early = companions.add(connection, new, now)
        companions.take(connection, [early], now + timedelta(minutes=3))
    assert tell(bank, "confirmed", "tok-2") == 204
    with bank.service.database.begin() as connection:
        assert not companions.sent(connection, early, now)
        assert not companions.put_off(connection, early, now)
        assert not companions.failed(connection, early, "expired", now)
    assert [row.state for row in bank.rows(tables.Companion)] == ["sent", "confirmed"]


@pytest.mark.parametrize("late", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_an_old_call_and_one_from_the_future_change_nothing(bank: Rig, late: timedelta) -> None:
    assert tell(bank, "confirmed", at=bank.clock() + late) == 401
    assert state(bank) == ("sent", "")


def test_what_is_not_signed_changes_nothing(bank: Rig) -> None:
    assert tell(bank, "confirmed", body=b'{"type":"confirmation.answered"}') == 401
    assert bank.web.post(PATH, json={"data": {"confirmation": "tok-1", "verdict": "confirmed"}}).status_code == 401
    assert bank.web.get(PATH).status_code == 405
    assert state(bank) == ("sent", "")


def test_what_is_signed_and_makes_no_sense_is_named(bank: Rig) -> None:
    assert tell(bank, "perhaps") == 400
    assert tell(bank, "confirmed", "tok-9") == 404
    assert tell(bank, "confirmed", body=b"x" * 20_000) == 413
    assert state(bank) == ("sent", "")


def test_a_mail_is_confirmed_by_nobody(bank: Rig) -> None:
    now = bank.clock()
    new = NewCompanion("+8613800000021", "C1", "email", "guide:draw", "tok-3", "zh-CN", now, now + timedelta(hours=1))
    with bank.service.database.begin() as connection:
        companions.add(connection, new, now)
    assert tell(bank, "confirmed", "tok-3") == 404


def test_without_a_second_channel_there_is_no_such_door(rig: Rig) -> None:
    assert tell(rig, "confirmed") == 404


def test_while_the_database_cannot_the_bridge_is_asked_to_come_again(bank: Rig) -> None:
    with bank.service.database.begin() as connection:
        connection.execute(text("ALTER TABLE companions RENAME TO elsewhere"))
    assert tell(bank, "confirmed") == 503
    with bank.service.database.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO companions"))
    assert tell(bank, "confirmed") == 204
