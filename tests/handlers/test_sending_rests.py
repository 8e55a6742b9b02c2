"""A gateway that is down, or fails without end, is left in peace and tried now and then; nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.gateways.port import Outcome
from app.gateways.twilio_codes import judge
from app.handlers.text_leaves import drain
from app.rules.circuit import LIMIT
from app.store import tables
from tests.clock import Clock
from tests.handlers.moody import BUSY, GONE, LOCKED_OUT, SICK, WELL, TwoGateways, phone
from tests.rig import sqlite_url


@pytest.fixture
def one(tmp_path: Path, clock: Clock) -> Iterator[TwoGateways]:
    """A gateway without a standby."""
    rig = TwoGateways(sqlite_url(tmp_path), clock, carried=())
    yield rig
    rig.close()


@pytest.mark.parametrize("mood", [GONE, SICK, BUSY, LOCKED_OUT], ids=["gone", "5xx", "429", "locked out"])
def test_after_some_failures_in_a_row_nothing_more_is_tried(one: TwoGateways, mood: Outcome) -> None:
    one.until_it_rests(mood)
    for number in range(40):
        one.queue(number)
    with capture_logs() as logs:
        one.pump()
    assert len(one.main.asked) == LIMIT
    assert one.states()[LIMIT:] == [("queued", "")] * 40, "untouched: no attempt is counted against them"
    assert logs == [], "told once, when it happened"


def test_it_is_told_once_that_it_rests_and_once_that_it_works(one: TwoGateways) -> None:
    with capture_logs() as logs:
        one.until_it_rests(SICK)
        one.queue(1)
        one.wait(seconds=20)
        one.main.mood = WELL
        one.queue(2)
        one.wait(seconds=40)
    told = [(line["event"], line.get("reason")) for line in logs if line["event"].startswith("gateway")]
    assert told == [("gateway_rests", "HTTP 503"), ("gateway_works", None)]


def test_of_a_batch_that_was_claimed_together_nothing_more_leaves_either(one: TwoGateways) -> None:
    one.main.mood = SICK
    for number in range(40):
        one.queue(number)
    assert drain(one.service) == 40
    assert len(one.main.asked) == LIMIT
    waiting = [row for row in one.rows(tables.Message) if row.state == "queued"]
    assert [(row.attempts, row.lease_until, row.gateway) for row in waiting] == [(0, None, None)] * 35


def test_a_refusal_of_one_text_says_nothing_against_the_gateway(one: TwoGateways) -> None:
    one.main.mood = judge("21211")
    for number in range(40):
        one.queue(number)
    one.pump()
    assert len(one.main.asked) == 40


def test_failures_between_successes_open_nothing(one: TwoGateways) -> None:
    for number in range(8 * LIMIT):
        one.main.mood = WELL if number % LIMIT == 0 else BUSY
        one.queue(number)
        one.pump()
    assert len(one.main.asked) == 8 * LIMIT


def test_while_it_rests_one_text_at_a_time_is_its_trial(one: TwoGateways) -> None:
    one.until_it_rests(GONE)
    for number in range(20):
        one.queue(number)
    for seconds in (1, 2, 4, 8):
        before = len(one.main.asked)
        one.clock.advance(seconds=seconds)
        one.pump()
        assert len(one.main.asked) == before + 1


def test_only_one_of_several_processes_tries(one: TwoGateways) -> None:
    one.until_it_rests(SICK)
    others = [one.process() for _ in range(3)]
    for number in range(20):
        one.queue(number)
    one.clock.advance(seconds=1)
    before = len(one.main.asked)
    for service in others:
        drain(service)
    assert len(one.main.asked) == before + 1, "they know of each other by the database, without a Redis"


def test_a_process_that_dies_with_the_trial_blocks_nobody(one: TwoGateways) -> None:
    one.until_it_rests(GONE)
    one.queue(1)
    one.queue(2)
    one.clock.advance(seconds=1)
    drain(one.process(), spread=lambda act, rows: None)
    before = len(one.main.asked)
    one.clock.advance(seconds=14)
    drain(one.process())
    assert len(one.main.asked) == before
    one.clock.advance(seconds=2)
    drain(one.process())
    assert len(one.main.asked) == before + 1


def test_a_trial_without_a_text_is_none(one: TwoGateways) -> None:
    one.until_it_rests(SICK)
    one.clock.advance(seconds=2)
    for _ in range(5):
        assert drain(one.service) == 0
    one.main.mood = WELL
    one.queue(1)
    assert drain(one.service) == 1, "it was not used up"


def test_what_was_on_its_way_when_it_came_back_says_nothing(one: TwoGateways) -> None:
    """Sends of before, that time out when it works again, must not make it rest once more."""
    one.until_it_rests(GONE)
    stale = one.service.circuits.leave(one.service.database, "simulator", one.clock())
    one.main.mood = WELL
    one.queue(1)
    one.wait(seconds=2)
    for _ in range(4 * LIMIT):
        one.service.circuits.heard(one.service.database, "simulator", stale, SICK, one.clock())
    for number in range(20):
        one.queue(number)
    before = len(one.main.asked)
    one.pump()
    assert len(one.main.asked) >= before + 20


def test_an_unknown_outcome_is_not_repeated_by_a_trial(one: TwoGateways) -> None:
    one.until_it_rests(SICK)
    one.queue(1)
    one.wait(minutes=9)
    asked = [text.message_id for text in one.main.asked]
    assert len(asked) == len(set(asked))


def test_gone_for_an_hour_it_comes_back_to_what_is_still_true_in_order(one: TwoGateways) -> None:
    """Answers of the last ten minutes leave, in the order in which they were given; older ones failed as they got
    old, not when it came back."""
    one.until_it_rests(GONE)
    given = []
    for minute in range(60):
        given.append(one.queue(minute % 7))
        one.queue(100 + minute, "commercial", minutes=600)
        one.wait(minutes=1)
        old = [row for row in one.rows(tables.Message) if row.expires_at <= one.clock() - timedelta(minutes=1)]
        assert {(row.state, row.reason) for row in old} <= {("failed", "expired"), ("failed", "busy")}
    one.main.mood = WELL
    one.main.asked.clear()
    one.wait(seconds=40)
    one.wait(minutes=2)
    left = [text.message_id for text in one.main.asked if text.message_id in given]
    fresh = [message for message, row in zip(given, _rows(one, given), strict=True) if row.state == "handed"]
    assert sorted(left) == fresh
    assert 7 <= len(fresh) <= 10
    for number in range(7):
        own = [text.message_id for text in one.main.asked if text.to == phone(number)]
        assert own == sorted(own)
    offers = [row for row in one.rows(tables.Message) if row.purpose == "commercial"]
    assert {row.state for row in offers} == {"handed"}, "what may travel for ten hours is not lost by one"


def _rows(one: TwoGateways, ids: list[int]) -> list[tables.Message]:
    return [row for row in one.rows(tables.Message) if row.id in ids]


def test_a_clock_that_jumps_back_does_not_keep_it_resting(one: TwoGateways) -> None:
    one.until_it_rests(GONE)
    one.clock.set(one.clock() - timedelta(hours=3))
    one.main.mood = WELL
    one.queue(1)
    one.pump()
    assert one.states()[-1] == ("handed", "")
