"""A comparison of arms from its declaration to its verdict, on rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.care.trial import BadTrial, needed
from app.handlers.care import trials
from app.handlers.care.switches import UnknownProgramme
from app.store import options, tables
from tests.handlers.care.outcomes import COMPARED, text
from tests.rig import Rig

BASELINE, LEAST = 0.3, 0.6
EACH = 10


def declared(rig: Rig, outcome: str = "chosen") -> trials.Trial:
    found = trials.declare(rig.service, "运营", COMPARED, outcome, BASELINE, LEAST)
    rig.clock.advance(minutes=1)
    return found


def of_another_release(rig: Rig, *arms: str) -> None:
    """The trial compares these, whatever the programme has by now."""
    with rig.service.database.begin() as connection:
        value = options.one(connection, trials.NAME + COMPARED)
        assert value is not None
        options.write(connection, trials.NAME + COMPARED, {**value, "arms": arms}, "运营", rig.clock())


def sent(rig: Rig, arm: str, texts: int, hits: int = 0) -> None:
    for place in range(texts):
        text(rig.service.database, rig.clock(), COMPARED, variant=arm, answers=("chosen",) if place < hits else ())


def test_what_is_declared(rig: Rig) -> None:
    found = declared(rig)
    assert found.each == EACH == needed(BASELINE, LEAST)
    assert (found.outcome, found.arms, found.by) == ("chosen", ("A", "B"), "运营")
    [row] = rig.rows(tables.Audit)
    assert (row.actor, row.action, row.subject) == ("运营", "trial.declare", f"programme:{COMPARED}")
    assert (row.detail["each"], row.detail["least"], row.detail["outcome"]) == (EACH, LEAST, "chosen")


def test_without_a_declaration_nothing_stands(rig: Rig) -> None:
    sent(rig, "A", EACH, EACH)
    sent(rig, "B", EACH)
    assert trials.standing(rig.service, COMPARED) is None


def test_nothing_is_said_before_the_last_text_had_its_time(rig: Rig) -> None:
    sent(rig, "A", EACH)  # left before anybody said what counts
    rig.clock.advance(minutes=1)
    declared(rig)
    sent(rig, "A", EACH - 1)
    sent(rig, "B", EACH, EACH)
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    assert [(arm.name, arm.texts) for arm in found.arms] == [("A", EACH - 1), ("B", EACH)]
    assert (found.missing, found.verdicts) == (1, [])
    rig.clock.advance(days=3)
    sent(rig, "A", 1)
    rig.clock.advance(days=6, hours=23)
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    assert (found.missing, found.verdicts) == (0, [])
    rig.clock.advance(hours=1)
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    [verdict] = found.verdicts
    assert (verdict.arm, verdict.other) == ("B", "A")
    assert verdict.difference is not None
    assert verdict.difference.told
    assert verdict.difference.by == 1


@pytest.mark.parametrize("arms", [("A", "B"), ("A", "C"), ("old", "new")])
def test_it_says_the_same_ever_after(rig: Rig, arms: tuple[str, str]) -> None:
    """Later texts, late answers, other arms: the first texts with their first days are what was compared."""
    declared(rig)
    of_another_release(rig, *arms)
    sent(rig, arms[0], EACH, 3)
    sent(rig, arms[1], EACH, 4)
    rig.clock.advance(days=7)
    before = trials.standing(rig.service, COMPARED)
    assert before is not None
    [verdict] = before.verdicts
    assert verdict.difference is not None
    assert not verdict.difference.told
    sent(rig, arms[1], 5 * EACH, 5 * EACH)
    rig.clock.advance(days=100)
    after = trials.standing(rig.service, COMPARED)
    assert after is not None
    assert (after.verdicts, after.arms, after.changed) == (before.verdicts, before.arms, False)


def test_other_arms_end_it_without_a_verdict(rig: Rig) -> None:
    declared(rig)
    sent(rig, "A", 2)
    of_another_release(rig, "A", "C")
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    assert (found.changed, found.verdicts) == (True, [])


def test_conversions_have_thirty_days(rig: Rig) -> None:
    declared(rig, "converted")
    at, database = rig.clock(), rig.service.database
    for _ in range(EACH):
        text(database, at, COMPARED, variant="A", event=("drawn", timedelta(days=29)))
        text(database, at, COMPARED, variant="B", event=("drawn", timedelta(days=31)))
    rig.clock.advance(days=29, hours=23)
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    assert found.verdicts == []
    rig.clock.advance(hours=1)
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    assert [(arm.share.hits, arm.share.of) for arm in found.arms] == [(EACH, EACH), (0, EACH)]


def test_a_new_one_counts_from_now_on(rig: Rig) -> None:
    declared(rig)
    sent(rig, "A", EACH)
    sent(rig, "B", EACH)
    rig.clock.advance(days=8)
    declared(rig, "replied")
    found = trials.standing(rig.service, COMPARED)
    assert found is not None
    assert [arm.texts for arm in found.arms] == [0, 0]
    assert found.missing == 2 * EACH


@pytest.mark.parametrize(
    ("key", "outcome", "baseline", "least", "field"),
    [
        (COMPARED, "opened", 0.1, 0.1, "outcome"),
        (COMPARED, "chosen", 0, 0.1, "baseline"),
        (COMPARED, "chosen", 0.1, 0, "least"),
        ("birthday", "chosen", 0.1, 0.1, "programme"),
        ("birthday", "converted", 0.1, 0.1, "outcome"),
    ],
)
def test_what_cannot_be_declared(rig: Rig, key: str, outcome: str, baseline: float, least: float, field: str) -> None:
    with pytest.raises(BadTrial, match=f"^{field}: "):
        trials.declare(rig.service, "运营", key, outcome, baseline, least)
    assert rig.rows(tables.Audit) == []


def test_of_no_programme(rig: Rig) -> None:
    with pytest.raises(UnknownProgramme):
        trials.declare(rig.service, "运营", "no_such", "chosen", 0.1, 0.1)
