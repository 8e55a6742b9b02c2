"""How many texts may go now: pure arithmetic, and a day of a desk under it and without it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.care.pacing import BUSY, REPLY_MINUTES, Desk, History, Stream, allowance

OFFERS = Stream(programme="offers", offers_person=True)
GUIDES = Stream(programme="guides")
KNOWN = History(texts=300, replies=60, to_a_person=30)
desks = st.builds(
    Desk,
    seats=st.integers(0, 200),
    free=st.integers(0, 200),
    waiting=st.integers(0, 200),
    minutes=st.floats(1, 60),
).filter(lambda desk: desk.free <= desk.seats)


def texts(desk: Desk | None, stream: Stream = OFFERS, room: int | None = None) -> float:
    return allowance(room, desk, [stream]).texts(stream)


def test_without_agents_only_the_sender_limits() -> None:
    assert texts(None) == inf
    assert texts(None, room=0) == 0
    assert texts(None, room=7) == inf, "parts are spent one text at a time"


def test_room_is_spent_part_by_part() -> None:
    left = allowance(5, None, [OFFERS])
    assert [left.spend(OFFERS, 2) for _ in range(3)] == [True, True, False]
    assert left.spend(OFFERS, 1)
    assert not left.spend(OFFERS, 1)


def test_texts_that_need_no_person_go_on_when_nobody_is_free() -> None:
    nobody = Desk(seats=0, free=0, waiting=9)
    assert texts(nobody, OFFERS) == 0
    assert texts(nobody, GUIDES) == inf


def test_a_text_that_was_to_need_nobody_and_does_is_held_back() -> None:
    learned = Stream(programme="guides", history=KNOWN)
    assert learned.needs_person
    assert texts(Desk(0, 0, 9), learned) == 0


def test_few_texts_change_an_assumption_little_and_many_replace_it() -> None:
    def share(texts: int, to_a_person: int) -> float:
        return Stream(programme="p", offers_person=True, history=History(texts, 0, to_a_person)).to_a_person

    assert share(0, 0) == pytest.approx(0.05)
    assert share(2, 2) == pytest.approx(0.0865, abs=0.001)
    assert share(300, 0) == pytest.approx(0.007, abs=0.001)
    assert share(300, 90) == pytest.approx(0.264, abs=0.001)


def test_what_is_under_way_counts_before_it_arrives() -> None:
    desk = Desk(seats=6, free=6, waiting=0)
    busy = Stream(programme="offers", offers_person=True, under_way=[(2.5, 200)])
    assert texts(desk, busy) < texts(desk)
    long_ago = Stream(programme="offers", offers_person=True, under_way=[(37.5, 200)])
    assert texts(desk, busy) < texts(desk, long_ago) < texts(desk)


def test_texts_of_a_programme_that_sends_no_more_count_as_well() -> None:
    desk = Desk(seats=6, free=6, waiting=0)
    other = Stream(programme="other", offers_person=True, under_way=[(2.5, 400)])
    assert allowance(None, desk, [OFFERS, other]).texts(OFFERS) < texts(desk)


@given(desks, st.integers(1, 50))
def test_who_waits_slows_it_and_who_is_free_speeds_it_up(desk: Desk, more: int) -> None:
    crowded = Desk(desk.seats, desk.free, desk.waiting + more, desk.minutes)
    joined = Desk(desk.seats + more, desk.free + more, desk.waiting, desk.minutes)
    assert texts(crowded) <= texts(desk) <= texts(joined)


@given(desks)
def test_what_is_released_brings_no_more_than_agents_can_take(desk: Desk) -> None:
    released = texts(desk)
    brought = desk.waiting + released * OFFERS.cost
    assert released == 0 or brought <= BUSY * desk.can_take + 1e-6


@given(
    desks, st.lists(st.sampled_from((OFFERS, Stream(programme="b", offers_person=True, history=KNOWN))), max_size=99)
)
def test_several_programmes_share_the_seats(desk: Desk, wanted: Sequence[Stream]) -> None:
    left = allowance(None, desk, [])
    brought = sum(stream.cost for stream in wanted if left.spend(stream, 1))
    assert brought <= max(0.0, BUSY * desk.can_take - desk.waiting) + 1e-6


# ---- a day of a desk ----------------------------------------------------------------------------------------

MANY = 6000


def day(seats: int, *, paced: bool, share: float = 0.05, minutes: float = 8.0) -> tuple[int, int, float]:
    """Texts are let go every ten seconds for eight hours: (most customers who waited at once, texts that left, share of
    the seats' time that was worked). Who answers, when, and how long a talk takes is drawn."""
    chance = Random(7)
    stream = Stream(programme="p", offers_person=True, history=History(300, 60, int(300 * share)))
    asks: list[float] = []
    ends: list[float] = []
    released: list[tuple[float, int]] = []
    waiting = worst = gone = 0
    worked = 0.0
    for step in range(8 * 360):
        now = step / 6
        while asks and asks[0] <= now:
            heapq.heappop(asks)
            waiting += 1
        while ends and ends[0] <= now:
            heapq.heappop(ends)
        while waiting and len(ends) < seats:
            waiting -= 1
            talk = chance.expovariate(1 / minutes)
            worked += talk
            heapq.heappush(ends, now + talk)
        worst = max(worst, waiting)
        under_way = [(now - at, texts) for at, texts in released if now - at < 40]
        state = replace(stream, under_way=under_way)
        desk = Desk(seats, seats - len(ends), waiting, minutes)
        may = allowance(None, desk, [state]).texts(state) if paced else MANY
        go = int(min(may, MANY - gone))
        gone += go
        if go:
            released.append((now, go))
        for _ in range(go):
            if chance.random() < share:
                heapq.heappush(asks, now + chance.expovariate(1 / REPLY_MINUTES))
    return worst, gone, worked / (seats * 480)


def test_a_flood_without_pacing_buries_the_desk_and_with_it_does_not() -> None:
    seats = 12
    flood, _, _ = day(seats, paced=False)
    worst, gone, busy = day(seats, paced=True)
    assert flood > 100
    assert worst < seats, "nobody waits as long as a talk takes"
    assert gone == 6000, "and all texts leave within the day"
    assert busy > 0.3


def test_a_small_desk_gets_few_texts_at_a_time_and_is_kept_busy() -> None:
    worst, gone, busy = day(2, paced=True)
    assert worst <= 6
    assert 500 < gone < 6000
    assert busy > 0.5
