"""When a gateway rests, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.circuit import CALM, FIRST, LONGEST, TRIAL, Circuit, failed, opened, tried, worked

NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_it_rests_and_is_tried_after_the_first_rest() -> None:
    circuit = opened(Circuit(), NOW, "HTTP 503")
    assert (circuit.open, circuit.reason, circuit.changed) == (True, "HTTP 503", NOW)
    assert not circuit.is_due(NOW)
    assert not circuit.is_due(NOW + FIRST - SECOND / 10)
    assert circuit.is_due(NOW + FIRST)


def test_opening_it_again_changes_nothing() -> None:
    circuit = opened(Circuit(), NOW, "HTTP 503")
    assert opened(circuit, NOW + SECOND, "timeout") == circuit


def test_while_one_tries_nobody_else_does_but_not_for_ever() -> None:
    circuit = tried(opened(Circuit(), NOW, "x"), NOW + FIRST)
    assert not circuit.is_due(NOW + FIRST + TRIAL - SECOND)
    assert circuit.is_due(NOW + FIRST + TRIAL)


def test_rests_grow_to_the_longest() -> None:
    circuit, now, rests = opened(Circuit(), NOW, "x"), NOW, []
    for _ in range(8):
        circuit = failed(circuit, now, "y")
        assert circuit.next_trial is not None
        rests.append(circuit.next_trial - now)
        now = circuit.next_trial
    assert rests == sorted(rests)
    assert rests[0] == 2 * FIRST
    assert rests[-1] == LONGEST
    assert circuit.reason == "y"


def test_in_an_hour_it_is_asked_a_hundred_odd_times() -> None:
    circuit, now, trials = opened(Circuit(), NOW, "x"), NOW, 0
    while now < NOW + timedelta(hours=1):
        now += SECOND
        if circuit.is_due(now):
            circuit, trials = failed(tried(circuit, now), now, "x"), trials + 1
    assert 100 < trials < 140


def test_what_fails_again_soon_rests_longer_and_after_a_calm_begins_anew() -> None:
    circuit = worked(opened(Circuit(), NOW, "x"), NOW + SECOND)
    assert not circuit.open
    soon = opened(circuit, NOW + SECOND + CALM - SECOND, "x")
    late = opened(circuit, NOW + SECOND + CALM, "x")
    assert (soon.rests, late.rests) == (1, 0)


@pytest.mark.parametrize("hours", [1, 24, 24 * 400])
def test_a_clock_that_jumps_back_leaves_no_gateway_resting(hours: int) -> None:
    circuit = tried(opened(Circuit(), NOW + timedelta(hours=hours), "x"), NOW + timedelta(hours=hours))
    assert circuit.is_due(NOW)


@given(st.lists(st.tuples(st.sampled_from(["open", "try", "fail", "work"]), st.integers(0, 120)), max_size=60))
def test_no_story_keeps_it_from_being_tried_for_longer_than_a_rest(story: list[tuple[str, int]]) -> None:
    circuit, now = Circuit(), NOW
    for act, seconds in story:
        now += seconds * SECOND
        if act == "open":
            circuit = opened(circuit, now, "x")
        elif circuit.open:
            circuit = {"try": tried(circuit, now), "fail": failed(circuit, now, "x"), "work": worked(circuit, now)}[act]
    assert circuit.is_due(now + LONGEST)
