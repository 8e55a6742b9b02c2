"""Offers of waiting conversations: to the agent who fits and has been idle longest, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.handlers.agent_acted import NotYours, claim, close
from app.handlers.staff_watched import make_offers
from app.store import options
from tests.clock import Clock
from tests.handlers.staff import ANN, call_a_person, hire, keep_alive, ticket
from tests.rig import Rig, sqlite_url

BEN = "+8613800138001"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(sqlite_url(tmp_path), Clock())
    with made.service.database.begin() as connection:
        options.write(connection, "routing", {"mode": "offer", "seconds": 15}, "boss", made.clock())
    yield made
    made.close()


def test_whoever_has_been_idle_longest_is_offered_it_alone(rig: Rig) -> None:
    hire(rig, "li", idle_since=rig.clock() - timedelta(minutes=1))
    hire(rig, "zhao", idle_since=rig.clock() - timedelta(minutes=5))
    called = call_a_person(rig)
    assert ticket(rig, called).meant_for == "zhao"
    with pytest.raises(NotYours, match="offered to zhao"):
        claim(rig.service, called, "li")
    claim(rig.service, called, "zhao")
    assert ticket(rig, called).meant_for == ""


def test_an_offer_that_runs_out_goes_to_the_next(rig: Rig) -> None:
    hire(rig, "li", idle_since=rig.clock() - timedelta(minutes=1))
    hire(rig, "zhao", idle_since=rig.clock() - timedelta(minutes=5))
    called = call_a_person(rig)
    rig.clock.advance(seconds=16)
    keep_alive(rig, "li", "zhao")
    rig.pump()
    assert ticket(rig, called).meant_for == "li"


@pytest.mark.parametrize(
    "unfit",
    [
        {"skills": "fraud,complaint"},
        {"languages": "en"},
        {"status": "away"},
        {"alive": False},
        {"most_open": 0},
        {"role": "auditor"},
    ],
    ids=str,
)
def test_who_does_not_fit_is_passed_over(rig: Rig, unfit: dict[str, object]) -> None:
    hire(rig, "li", **unfit)  # type: ignore[arg-type]
    called = call_a_person(rig)
    assert ticket(rig, called).meant_for == ""


def test_skills_and_languages_that_fit(rig: Rig) -> None:
    hire(rig, "li", skills="human,repayment", languages="zh-CN,en")
    assert ticket(rig, call_a_person(rig)).meant_for == "li"


def test_nobody_gets_more_offers_than_they_have_room_for(rig: Rig) -> None:
    hire(rig, "li", most_open=1)
    first, second = call_a_person(rig), call_a_person(rig, BEN)
    assert [ticket(rig, called).meant_for for called in (first, second)] == ["li", ""]
    claim(rig.service, first, "li")
    rig.pump()
    assert ticket(rig, second).meant_for == ""
    close(rig.service, first, "li", "answered")
    rig.pump()
    assert ticket(rig, second).meant_for == "li"


def test_without_the_choice_nothing_is_offered(rig: Rig) -> None:
    hire(rig, "li")
    with rig.service.database.begin() as connection:
        options.write(connection, "routing", {"mode": "free", "seconds": 15}, "boss", rig.clock())
    assert ticket(rig, call_a_person(rig, ANN)).meant_for == ""
    assert make_offers(rig.service) == 0
