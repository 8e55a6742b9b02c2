from __future__ import annotations

from threading import Barrier, Thread

import pytest

from app.bank.breaker import Breaker, Unanswered
from app.bank.port import BankDown
from tests.clock import Clock


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, rest_seconds=30, clock=lambda: clock().timestamp())


def call(breaker: Breaker, error: Exception | None = None) -> str:
    """`asked` when the call was made, `refused` when the circuit was open."""
    made = False
    try:
        with breaker.watching():
            made = True
            if error:
                raise error
    except (BankDown, Unanswered, RuntimeError):
        pass
    return "asked" if made else "refused"


def trip(breaker: Breaker) -> None:
    for _ in range(3):
        assert call(breaker, BankDown("down")) == "asked"


def test_it_opens_after_failures_in_a_row_only(breaker: Breaker) -> None:
    for _ in range(5):
        call(breaker, BankDown("down"))
        call(breaker, BankDown("down"))
        assert call(breaker) == "asked"
    trip(breaker)
    assert call(breaker) == "refused"


def test_after_a_rest_one_call_tries_and_its_success_closes(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    clock.advance(seconds=29.9)
    assert call(breaker) == "refused"
    clock.advance(seconds=0.1)
    assert call(breaker) == "asked"
    assert call(breaker) == "asked"


def test_a_trial_that_fails_begins_a_new_rest(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    clock.advance(seconds=30)
    assert call(breaker, BankDown("still down")) == "asked"
    clock.advance(seconds=29)
    assert call(breaker) == "refused"
    clock.advance(seconds=1)
    assert call(breaker) == "asked"


def test_while_one_tries_the_others_are_refused_and_a_lost_trial_blocks_nobody(breaker: Breaker, clock: Clock) -> None:
    trip(breaker)
    clock.advance(seconds=30)
    with breaker.watching():
        assert call(breaker) == "refused"
        clock.advance(seconds=30)
        assert call(breaker) == "asked"


def test_no_answer_to_a_question_is_no_failure_and_a_bug_is_one(breaker: Breaker) -> None:
    for _ in range(9):
        call(breaker, Unanswered())
    assert call(breaker) == "asked"
    for _ in range(3):
        call(breaker, RuntimeError())
    assert call(breaker) == "refused"


def test_calls_run_side_by_side() -> None:
    breaker, meeting = Breaker(), Barrier(4)
    met: list[int] = []

    def ask() -> None:
        with breaker.watching():
            met.append(meeting.wait(timeout=60))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(met) == 4
