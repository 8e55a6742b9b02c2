"""A conversation is held, saved whole, and never overtaken (laws 3 and 6)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.flows.vocabulary import BOT, Conversation, Guard, Place
from app.store import conversations
from app.store.conversations import Overtaken
from app.store.database import Database
from tests.clock import START

NOW = START
ANN = "+8613800138000"

FULL = Conversation(
    phone=ANN,
    language="en",
    place=Place("repayment", "app_steps", 3, {"n": "2", "说": "「好」"}),
    beneath=(Place("quota", "told", 1, {}, NOW - timedelta(minutes=5)), Place("owed")),
    tries=2,
    owner="agent:li",
    verified_until=NOW + timedelta(minutes=10),
    silence_at=NOW + timedelta(minutes=30),
    turn=1,
    asked=1,
    guard=Guard("abcd", 2, NOW, 9),
)


def test_a_new_number_begins_idle_with_the_bot(database: Database) -> None:
    with database.begin() as connection:
        assert conversations.read(connection, ANN) is None
        assert conversations.hold(connection, ANN, "zh-CN", NOW) == Conversation(ANN)
        assert conversations.read(connection, ANN) == Conversation(ANN)


def test_everything_that_a_conversation_is_comes_back(database: Database) -> None:
    with database.begin() as connection:
        conversations.hold(connection, ANN, "zh-CN", NOW)
        conversations.save(connection, FULL, 0, NOW)
    with database.begin() as connection:
        assert conversations.hold(connection, ANN, "zh-CN", NOW) == FULL
        idle = Conversation(ANN, turn=2)
        conversations.save(connection, idle, 1, NOW)
        assert conversations.read(connection, ANN) == idle


def test_a_version_that_is_gone_cannot_be_saved_over(database: Database) -> None:
    with database.begin() as connection:
        conversations.hold(connection, ANN, "zh-CN", NOW)
        conversations.save(connection, replace(FULL, turn=1), 0, NOW)
    with pytest.raises(Overtaken), database.begin() as connection:
        conversations.save(connection, replace(FULL, turn=1, owner=BOT), 0, NOW)
    with database.begin() as connection:
        held = conversations.read(connection, ANN)
        assert held is not None and held.owner == "agent:li"


def test_the_longest_silence_ends_first(database: Database) -> None:
    with database.begin() as connection:
        for n, minutes in enumerate((5, 9, 1, -1)):
            phone = f"+861380013800{n}"
            conversations.hold(connection, phone, "zh-CN", NOW)
            waits = Conversation(phone, silence_at=NOW - timedelta(minutes=minutes), turn=1)
            conversations.save(connection, waits, 0, NOW)
        found = conversations.silent(connection, NOW, 9)
        assert found == ["+8613800138001", "+8613800138000", "+8613800138002"]
        assert conversations.silent(connection, NOW, 1) == found[:1]
        conversations.put_off_silence(connection, found[0], NOW + timedelta(minutes=1))
        assert conversations.silent(connection, NOW, 9) == found[1:]


@pytest.mark.parametrize("exists", [True, False], ids=["known number", "new number"])
def test_one_waits_until_the_other_has_let_go(database: Database, exists: bool) -> None:
    """Two texts of a number at the same moment: the second sees what the first one did, also the very first time."""
    if exists:
        with database.begin() as connection:
            conversations.hold(connection, ANN, "zh-CN", NOW)
    held, seen = threading.Event(), []

    def second() -> None:
        held.wait(60)
        with database.begin() as connection:
            mine = conversations.hold(connection, ANN, "zh-CN", NOW)
            seen.append(mine.turn)
            conversations.save(connection, replace(mine, turn=mine.turn + 1), mine.turn, NOW)

    other = threading.Thread(target=second)
    other.start()
    with database.begin() as connection:
        mine = conversations.hold(connection, ANN, "zh-CN", NOW)
        held.set()
        other.join(0.1)  # it must still be waiting: nothing can tell us but that it has not come
        assert seen == []
        conversations.save(connection, replace(mine, turn=1), 0, NOW)
    other.join(60)
    assert seen == [1]
    with database.begin() as connection:
        after = conversations.read(connection, ANN)
        assert after is not None and after.turn == 2
