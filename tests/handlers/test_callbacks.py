"""A callback is a promise: booked where there is room, reminded of, kept or missed (A7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.store import tables
from tests.handlers.talk import ANN, BEN, CEM, only, topics
from tests.rig import Rig


def book(rig: Rig, phone: str = ANN, pick: str = "1") -> Any:
    rig.say(phone, "明天下午给我打电话")
    assert "已预约" in only(rig.say(phone, pick))
    return rig.rows(tables.Callback)[-1]


def timers(rig: Rig) -> list[tuple[str, int]]:
    return sorted((row.name, row.subject) for row in rig.rows(tables.Timer))


def test_a_booking_is_kept_with_its_timers(rig: Rig) -> None:
    booked = book(rig)
    assert (booked.state, booked.phone, booked.call_phone) == ("booked", ANN, ANN)
    assert booked.starts_at == rig.clock() + timedelta(days=1, hours=4)
    assert booked.ends_at - booked.starts_at == timedelta(hours=1)
    assert timers(rig) == [("callback_missed", booked.id), ("callback_reminder", booked.id)]


def test_the_customer_is_reminded_half_an_hour_before(rig: Rig) -> None:
    rig.customer(ANN)
    booked = book(rig)
    rig.clock.set(booked.starts_at - timedelta(minutes=30, seconds=1))
    assert rig.answers(ANN) == []
    rig.clock.advance(seconds=1)
    (words,) = rig.answers(ANN)
    assert "王先生" in words
    assert "今天14:00-15:00" in words
    assert "尾号8000" in words
    reminder = rig.rows(tables.Message)[-1]
    assert (reminder.template, reminder.purpose, reminder.inbound_id) == ("callback.reminder", "service", None)
    rig.wait(minutes=29)
    assert rig.answers(ANN) == []


def test_a_reminder_names_nobody_where_several_share_the_number(rig: Rig) -> None:
    rig.customer(ANN)
    rig.customer(ANN, "C2", name="欧阳娜", title="女士")
    booked = book(rig)
    rig.clock.set(booked.starts_at - timedelta(minutes=30))
    (words,) = rig.answers(ANN)
    assert "先生" not in words
    assert "女士" not in words


def test_who_refused_everything_is_still_reminded_of_what_he_booked(rig: Rig) -> None:
    booked = book(rig)
    rig.say(ANN, "TD ALL")
    rig.clock.set(booked.starts_at - timedelta(minutes=30))
    assert len(rig.answers(ANN)) == 1


def test_a_callback_that_nobody_kept_is_told_to_a_queue(rig: Rig) -> None:
    booked = book(rig)
    rig.clock.set(booked.ends_at)
    rig.pump()
    missed = rig.rows(tables.Callback)[0]
    assert (missed.state, missed.settled_by, missed.settled_at) == ("missed", "clock", booked.ends_at)
    assert topics(rig) == [("callback_missed", "waiting")]
    assert rig.rows(tables.Ticket)[0].place == f"callback:{booked.id}"
    assert timers(rig) == []


def test_a_moved_callback_rings_at_its_new_time_only(rig: Rig) -> None:
    first = book(rig)
    rig.say(ANN, "G")
    rig.say(ANN, "后天上午10点")
    assert "已改到后天10:00-11:00" in only(rig.say(ANN, "1"))
    second = rig.rows(tables.Callback)[1]
    assert [row.state for row in rig.rows(tables.Callback)] == ["cancelled", "booked"]
    assert timers(rig) == [("callback_missed", second.id), ("callback_reminder", second.id)]
    rig.clock.set(first.starts_at - timedelta(minutes=30))
    assert rig.answers(ANN) == []
    rig.clock.set(second.starts_at - timedelta(minutes=30))
    assert len(rig.answers(ANN)) == 1


def test_a_cancelled_callback_rings_never(rig: Rig) -> None:
    booked = book(rig)
    assert "已取消" in only(rig.say(ANN, "Q"))
    assert timers(rig) == []
    rig.clock.set(booked.ends_at)
    assert rig.answers(ANN) == []
    assert topics(rig) == []


def test_a_wrong_person_has_no_callback_any_more(rig: Rig) -> None:
    rig.customer(ANN)
    book(rig)
    rig.say(ANN, "你们打错了，我不是王建国")
    assert rig.rows(tables.Callback)[0].state == "cancelled"
    assert timers(rig) == []


def test_a_full_slot_is_offered_to_nobody(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(callback_capacity=1)
    first = book(rig, ANN)
    (words,) = rig.say(BEN, "明天下午给我打电话")
    assert "14:00-15:00" not in words
    rig.say(BEN, "1")
    second = rig.rows(tables.Callback)[1]
    assert second.starts_at != first.starts_at


def test_of_two_who_are_offered_the_last_place_one_gets_it(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(callback_capacity=1)
    rig.say(ANN, "明天下午给我打电话")
    rig.say(BEN, "明天下午给我打电话")
    assert "已预约" in only(rig.say(ANN, "1"))
    (words,) = rig.say(BEN, "1")
    assert "已预约" not in words
    assert "1)" in words
    rig.say(BEN, "1")
    starts = [row.starts_at for row in rig.rows(tables.Callback) if row.state == "booked"]
    assert len(starts) == len(set(starts)) == 2


def test_a_callback_very_soon_is_not_reminded_of(rig: Rig) -> None:
    """Whoever books half an hour ahead knows it still."""
    rig.say(CEM, "半小时后给我打电话")
    assert "已预约" in only(rig.say(CEM, "1"))
    booked = only(rig.rows(tables.Callback))
    if booked.starts_at - rig.clock() <= timedelta(hours=1):
        assert timers(rig) == [("callback_missed", booked.id)]
    else:
        assert len(timers(rig)) == 2
