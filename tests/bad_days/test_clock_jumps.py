"""A clock that goes a day forward or an hour back: nothing stands still for an hour, and nothing is told unproven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.gateways.faults import Fault, Kind
from app.handlers.accounts.standing import standing
from app.store import tables
from app.store.migrate import upgrade
from app.web.console.doors import new_session
from app.web.console.entry.limits import Failures
from app.worker.bucket import LocalBucket, Rate
from tests.clock import Clock
from tests.handlers.staff import hire
from tests.handlers.talk import ANN, code_in, only, prove
from tests.rig import Rig

pytestmark = pytest.mark.postgres


@pytest.fixture
def rig(clock: Clock, fresh_postgres_url: Callable[..., str]) -> Iterator[Rig]:
    rig = Rig(fresh_postgres_url(upgrade), clock)
    yield rig
    rig.close()


def back(rig: Rig, **duration: float) -> None:
    rig.clock.set(rig.clock() - timedelta(**duration))


def states(rig: Rig) -> list[str]:
    return [row.state for row in rig.rows(tables.Message)]


def test_a_text_that_comes_after_the_clock_went_back_is_answered_at_once(rig: Rig) -> None:
    rig.say(ANN, "怎么还钱")
    back(rig, hours=1)
    assert len(rig.say(ANN, "1")) == 1
    assert [row.received_at for row in rig.rows(tables.Inbound)][1] < rig.rows(tables.Inbound)[0].received_at


def test_an_answer_that_was_queued_before_it_went_back_leaves_late_and_once(rig: Rig) -> None:
    """Its time has not come yet by the new clock. What was said since does not overtake it."""
    rig.text(ANN, "怎么还钱")
    back(rig, minutes=5)
    rig.text(ANN, "1")
    rig.pump()
    rig.wait(minutes=5)
    assert states(rig) == ["handed", "handed"]
    bodies = [text.body for text in rig.network.texts(ANN) if text.to_handset]
    assert len(bodies) == len(set(bodies)) == 2


def test_a_day_forward_drops_old_answers_and_not_new_ones(rig: Rig) -> None:
    rig.text(ANN, "怎么还钱")
    rig.clock.advance(days=1)
    rig.pump()
    assert [(row.state, row.reason) for row in rig.rows(tables.Message)] == [("failed", "expired")]
    assert len(rig.say(ANN, "帮助")) == 1


@pytest.mark.parametrize("jump", [{"days": 1}, {"minutes": 11}])
def test_a_proof_does_not_outlive_a_jump_forward(rig: Rig, jump: dict[str, float]) -> None:
    rig.customer(ANN)
    assert "50,000" in only(prove(rig))
    rig.clock.advance(**jump)
    assert "50,000" not in " ".join(rig.say(ANN, "ED"))


def test_a_code_is_taken_after_the_clock_went_back(rig: Rig) -> None:
    rig.customer(ANN)
    code = code_in(rig.say(ANN, "ED"))
    back(rig, minutes=3)
    assert "50,000" in only(rig.say(ANN, code))


def test_a_send_without_an_answer_is_looked_up_again_and_never_repeated(rig: Rig) -> None:
    rig.network.plan(Fault(Kind.SILENT), ANN)
    rig.text(ANN, "怎么还钱")
    rig.pump()
    back(rig, hours=1)
    rig.pump()
    rig.wait(hours=1, minutes=2)
    bodies = [text.body for text in rig.network.texts(ANN) if text.to_handset]
    assert len(bodies) == len(set(bodies)) == 1


def test_guards_against_loops_do_not_last_until_the_clock_is_there_again(rig: Rig) -> None:
    for number in range(30):
        rig.say(ANN, ("帮助", "利率多少", "怎么还钱")[number % 3])
    assert rig.say(ANN, "帮助") == []
    back(rig, hours=1)
    assert len(rig.say(ANN, "帮助")) >= 1


def test_what_is_measured_in_seconds_does_not_hear_of_it() -> None:
    """The send rate and the throttle of the sign-in run on clocks that never go back, or on that of Redis."""
    moments = iter([10.0, 10.0, 11.0, 11.5])
    bucket = LocalBucket(Rate(10), lambda: next(moments))
    assert bucket.take(5, False).parts == 0
    assert bucket.take(5, False).parts == 5
    assert bucket.take(5, False).parts == 5
    assert not Failures().too_many("10.0.0.1")


def test_a_session_lives_on_an_hour_earlier_and_ends_after_a_day(rig: Rig) -> None:
    hire(rig, "li")
    held = standing(rig.service, only(rig.rows(tables.Agent)).id)
    assert held is not None
    seat = rig.app.test_client()
    with seat.session_transaction() as session:
        session.update(new_session(held, rig.clock()))
    assert seat.get("/console/account").status_code == 200
    back(rig, hours=1)
    assert seat.get("/console/account").status_code == 200
    rig.clock.advance(days=1)
    assert seat.get("/console/account").status_code == 302
