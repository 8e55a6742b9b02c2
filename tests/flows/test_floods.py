"""A number that sends too many texts: where answering ends, what still works, and when it begins again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.flows.floods import LIMITS, Flood
from app.flows.vocabulary import Claimed, Consent
from tests.flows.stage import NOW, Stage, asked, keys, notes, relayed

WISHES = ("帮助", "利率多少", "怎么还钱")
MINUTE = LIMITS[0].most


def flooded(texts: int = MINUTE) -> Stage:
    """After so many texts of one second."""
    stage = Stage()
    for number in range(texts):
        stage.hears(WISHES[number % len(WISHES)])
    return stage


def test_what_is_within_the_limit_is_answered_and_the_next_is_told_once() -> None:
    stage = Stage()
    assert all(keys(stage.hears(WISHES[number % len(WISHES)])) for number in range(MINUTE))
    first = stage.hears("帮助")
    assert keys(first) == ["guard.flood"]
    assert asked(first) == ["ticket.flag"]
    for number in range(500):
        effects = stage.hears(WISHES[number % len(WISHES)])
        assert keys(effects) == []
        assert notes(effects) == ["silent:flood"]


def test_answers_begin_again_when_it_is_over() -> None:
    stage = flooded(MINUTE + 30)
    stage.passes(minutes=3)
    assert "menu.main" in keys(stage.hears("帮助"))


def test_a_refusal_takes_effect_and_is_confirmed() -> None:
    stage = flooded(MINUTE + 5)
    effects = stage.hears("TD")
    assert keys(effects) == ["optout.done"]
    assert [effect.verdict for effect in effects if isinstance(effect, Consent)] == ["refused"]


def test_what_is_said_beside_a_refusal_is_not_served_in_a_flood() -> None:
    stage = flooded(MINUTE + 5)
    effects = stage.hears("别再打电话了，我要投诉")
    assert keys(effects) == ["optout.done"]
    assert asked(effects) == []
    assert "commercial" in stage.context.refused


def test_a_question_beside_a_refusal_said_again_and_again_uses_up_no_codes() -> None:
    stage = Stage()
    questions = [question for _ in range(200) for question in asked(stage.hears("TD，我还欠多少"))]
    assert questions.count("code.issue") == 1


def test_a_stop_of_the_gateway_takes_effect() -> None:
    effects = flooded(MINUTE + 5).hears("STOP", keyword="stop")
    assert {effect.scope for effect in effects if isinstance(effect, Consent)} == {"gateway", "commercial"}


def test_refusing_and_lifting_by_turns_comes_to_an_end() -> None:
    stage = Stage()
    said = 0
    for _ in range(200):
        for text in ("TD", "HF"):
            said += len(keys(stage.hears(text)))
    assert said <= MINUTE + 2
    assert "commercial" in stage.context.refused


def test_codes_are_not_used_up() -> None:
    stage = Stage(outcomes={"code.check": "wrong"})
    stage.hears("ED")
    for number in range(MINUTE):
        stage.hears(WISHES[number % len(WISHES)])
    before = len([effect for effect in stage.effects if getattr(effect, "question", "").startswith("code.")])
    for number in range(100):
        stage.hears(f"{number:06}")
    assert len([effect for effect in stage.effects if getattr(effect, "question", "").startswith("code.")]) == before


def test_an_agent_reads_on() -> None:
    stage = flooded(MINUTE + 5)
    stage.takes(Claimed("agent:li"))
    assert relayed(stage.hears("帮助"))


@pytest.mark.parametrize("seconds", [2, 7, 45, 200])
def test_two_machines_that_answer_each_other_come_to_an_end(seconds: int) -> None:
    """One that takes turns between words that we understand, so that no text comes twice in a row."""
    stage = Stage()
    answered = 0
    while keys(stage.hears(WISHES[answered % len(WISHES)])):
        answered += 1
        stage.passes(seconds=seconds)
        assert answered <= LIMITS[-1].most + 24
    assert answered >= MINUTE


def test_a_clock_that_goes_back_begins_anew() -> None:
    flood = Flood()
    for _ in range(50):
        flood = flood.with_text(NOW)
    assert flood.over
    assert not flood.with_text(NOW - timedelta(hours=1)).over


def test_what_is_kept_is_read_back() -> None:
    flood = Flood().with_text(NOW).with_text(NOW + timedelta(minutes=2)).told_at(NOW)
    assert Flood.from_data(flood.to_data()) == flood
    assert Flood.from_data([]) == Flood()
