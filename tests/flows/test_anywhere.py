"""What holds at every step of every flow: refusals, people, help, mistakes, silence, and not being understood."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from app.flows.play import DEEPEST
from app.flows.vocabulary import BOT, Claimed, Consent, Opened, Place, Relay, Silence
from tests.flows.stage import (
    CATALOGUE,
    CUSTOMER,
    NOW,
    Stage,
    asked,
    keys,
    notes,
    relayed,
    standing_at,
    waiting_steps,
)

EVERYWHERE = waiting_steps()
QUESTIONS = waiting_steps(CATALOGUE, "ask", "guide")
NONSENSE = ("呜啦呜啦", "咕噜咕噜噜", "哒哒哒哒", "噼里啪啦", "叽里呱啦", "轰隆轰隆")

anywhere = pytest.mark.parametrize(("flow", "step"), EVERYWHERE)
in_both_languages = pytest.mark.parametrize("language", ["zh-CN", "en"])


def consents(effects: list[object]) -> list[tuple[str, str]]:
    return [(effect.scope, effect.verdict) for effect in effects if isinstance(effect, Consent)]


@anywhere
@pytest.mark.parametrize("text", ["TD", "ｔｄ", "退订", "别再给我发短信了", "STOP"])
def test_a_refusal_takes_effect_anywhere_and_is_confirmed_once(flow: str, step: str, text: str) -> None:
    stage = Stage(standing_at(flow, step))
    effects = stage.hears(text)
    assert consents(effects) == [("commercial", "refused")]
    assert keys(effects) == ["optout.done"]
    again = stage.hears(text)
    assert consents(again) == []
    assert keys(again) == []


@anywhere
def test_a_refusal_that_only_the_banks_file_had_is_confirmed_too(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    stage.context = replace(stage.context, refused=frozenset({"commercial"}), told=frozenset({"commercial"}))
    effects = stage.hears("TD")
    assert consents(effects) == [("commercial", "refused")]
    assert keys(effects) == ["optout.done"]
    assert keys(stage.hears("TD")) == []


@anywhere
def test_a_refusal_outranks_the_agent_who_holds_the_conversation(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    stage.takes(Claimed("agent:li"))
    effects = stage.hears("TD")
    assert consents(effects) == [("commercial", "refused")]
    assert keys(effects) == ["optout.done"]


@anywhere
def test_a_complaint_beside_a_refusal_is_heard_anywhere(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    effects = stage.hears("别再打电话了，我要投诉")
    assert consents(effects) == [("commercial", "refused")]
    assert keys(effects) == ["optout.done", "human.waiting"]


@anywhere
def test_who_is_nobody_of_ours_and_refuses_is_told_nothing_any_more(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    effects = stage.hears("打错人了，别再打了")
    assert consents(effects) == [("commercial", "refused"), ("reminders", "refused")]
    assert keys(effects) == ["optout.stranger", "wrong_person.sorry"]
    conversation = stage.conversation
    assert (conversation.place, conversation.beneath, conversation.verified_until) == (None, (), None)


@anywhere
def test_what_stands_beside_a_refusal_goes_to_the_agent_who_holds_the_conversation(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    stage.takes(Claimed("agent:li"))
    effects = stage.hears("别再打电话了，我要投诉")
    assert keys(effects) == ["optout.done"]
    assert Relay() in effects


@anywhere
def test_everything_else_goes_to_the_agent_who_holds_the_conversation(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    stage.takes(Claimed("agent:li"))
    for text in ("额度", "1", "你们是骗子吧", "帮助", "6217001210024455220"):
        effects = stage.hears(text)
        assert relayed(effects)
        assert keys(effects) == []
    assert stage.conversation.owner == "agent:li"
    assert stage.conversation.silence_at is None


@anywhere
@in_both_languages
def test_a_person_can_be_had_anywhere(flow: str, step: str, language: str) -> None:
    stage = Stage(standing_at(flow, step, language=language))
    effects = stage.hears("人工" if language == "zh-CN" else "agent")
    assert stage.where == "human.waiting"
    if (flow, step) == ("human", "waiting"):
        assert relayed(effects)
        assert keys(effects) == ["human.waiting.again"]
    else:
        assert asked(effects)[-1] == "ticket.open"
        assert keys(effects)[-1] == "human.waiting"


@anywhere
def test_help_explains_and_repeats_the_question(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step, verified_until=NOW.replace(hour=11)))
    effects = stage.hears("帮助")
    found = CATALOGUE.flows[flow].steps[step]
    assert keys(effects)[0] == "menu.main"
    if flow == "menu" or found.lightly or found.fleeting:
        assert stage.where == "menu.main"  # nothing was open that had to be answered
    else:
        assert stage.where == f"{flow}.{step}"
        if found.kind == "lookup":
            assert asked(effects)[-1] == found.question
        else:
            repeated = keys(effects)[1]
            assert repeated.removesuffix(".again") in {f"{flow}.{step}", f"guide.{found.guide}"}


@anywhere
@in_both_languages
def test_the_wrong_person_hears_an_apology_and_nothing_else(flow: str, step: str, language: str) -> None:
    beneath = (Place("quota", "asking", left_at=NOW), Place("owed", "asking", left_at=NOW))
    start = standing_at(flow, step, language=language, beneath=beneath, verified_until=NOW.replace(hour=11))
    stage = Stage(start)
    effects = stage.hears("您发错人了" if language == "zh-CN" else "you have the wrong number")
    assert keys(effects) == ["wrong_person.sorry"]
    assert "number.disown" in asked(effects)
    assert CUSTOMER not in "".join(stage.words(effects))
    after = stage.conversation
    assert (after.place, after.beneath, after.verified_until) == (None, (), None)


@anywhere
@pytest.mark.parametrize(
    ("text", "question", "says"),
    [("你们是骗子吧", "ticket.flag", "fraud.verify"), ("我要投诉你们", "ticket.flag", "human.waiting")],
)
def test_doubt_and_complaint_are_heard_of_anywhere(flow: str, step: str, text: str, question: str, says: str) -> None:
    stage = Stage(standing_at(flow, step))
    effects = stage.hears(text)
    assert question in asked(effects)
    assert says in keys(effects)


@anywhere
def test_a_secret_is_warned_of_and_the_question_repeated(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    effects = stage.hears("我的卡号6217001210024455220")
    assert keys(effects)[0] == "guard.secret"
    assert stage.where == f"{flow}.{step}"


@anywhere
def test_silence_ends_every_wait(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    for _ in range(6):
        if stage.conversation.silence_at is None:
            break
        at = stage.conversation.silence_at
        stage.passes(seconds=(at - stage.context.now).total_seconds())
        stage.takes(Silence())
        assert stage.conversation.silence_at is None or stage.conversation.silence_at > at
    assert stage.conversation.silence_at is None
    assert stage.conversation.place is None


@pytest.mark.parametrize(("flow", "step"), [at for at in QUESTIONS if at != ("human", "waiting")])
def test_who_is_never_understood_reaches_a_person(flow: str, step: str) -> None:
    stage = Stage(standing_at(flow, step))
    for text in NONSENSE:
        stage.hears(text)
        if stage.where == "human.waiting":
            return
    pytest.fail(f"still in {stage.where} after {len(NONSENSE)} texts that nobody understands")


def is_resumed(flow: str, step: str) -> bool:
    """Light and fleeting questions are left behind, and some flows are the interruption itself."""
    found = CATALOGUE.flows[flow].steps[step]
    passing = found.lightly or found.fleeting or found.reads == "nothing"
    return not passing and flow not in {"quota", "proof", "handback"}


@pytest.mark.parametrize(("flow", "step"), [at for at in QUESTIONS if is_resumed(*at)])
def test_a_question_is_resumed_where_it_was_interrupted(flow: str, step: str) -> None:
    found = CATALOGUE.flows[flow].steps[step]
    stage = Stage(standing_at(flow, step, verified_until=NOW.replace(hour=11)))
    slots = stage.conversation.place.slots  # type: ignore[union-attr]
    stage.hears("额度")
    assert stage.where == "quota.asking"
    effects = stage.bank_answers()
    assert keys(effects)[0] == "quota.told"
    assert keys(effects)[1].removesuffix(".again") in {f"{flow}.{step}", f"guide.{found.guide}"}
    assert stage.where == f"{flow}.{step}"
    assert dict(stage.conversation.place.slots).items() >= slots.items()  # type: ignore[union-attr]


@anywhere
def test_a_step_that_a_new_version_no_longer_has_starts_its_flow_afresh(flow: str, step: str) -> None:
    conversation = standing_at(flow, step)
    gone = Place(flow, "a_step_of_long_ago", 0, conversation.place.slots)  # type: ignore[union-attr]
    stage = Stage(standing_at(flow, step))
    stage.conversation = type(conversation)(conversation.phone, place=gone, silence_at=NOW)
    stage.hears("帮助")
    assert f"moved:{flow}.a_step_of_long_ago" in notes(stage.effects)


def test_interrupted_flows_are_kept_to_a_depth() -> None:
    stage = Stage()
    texts = ("怎么还款", "提前还款", "额度续期", "更新信息", "明天给我打电话", "怎么还款", "开通用款")
    for text in itertools.chain(texts, texts):
        stage.hears(text)
        stage.passes(minutes=1)
        flows = [place.flow for place in stage.conversation.beneath]
        assert len(flows) <= DEEPEST
        assert len(set(flows)) == len(flows)


def test_a_flow_that_opens_from_outside_goes_ahead_of_what_was_open() -> None:
    stage = Stage(standing_at("repayment", "app_steps"))
    stage.takes(Opened("guide_info_update"))
    assert stage.where == "guide_info_update.steps"
    assert stage.conversation.beneath[-1].flow == "repayment"
    stage.takes(Claimed("agent:li"))
    before = stage.conversation
    stage.takes(Opened("guide_draw"))
    assert (stage.conversation.place, stage.conversation.owner) == (before.place, "agent:li")
    assert stage.conversation.owner != BOT
