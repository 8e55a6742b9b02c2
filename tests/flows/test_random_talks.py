"""Random talks against the pure core: whatever comes in whatever order, some things always hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.flows.catalogue import BEGUN_BY_THE_ENGINE
from app.flows.play import DEEPEST, PROOF_LASTS
from app.flows.questions import FACTS, QUESTIONS
from app.flows.reading import read
from app.flows.reading.meaning import SURE, Hearing
from app.flows.vocabulary import (
    BOT,
    Answered,
    Claimed,
    Consent,
    Effect,
    Heard,
    Opened,
    Released,
    Say,
    Silence,
    Unanswered,
)
from tests.flows.stage import CATALOGUE, PHONE, Conversation, Stage, keys

WORDS = """
    额度 账单 ED1234 ZD#0123 还款 回电 人工 帮助 TD HF 所有短信都别发 T R N G Q ? 1 2 3 4 5 0 9 482113 4821 0123
    好的 不用 是 谢谢 你好 下一步 卡住了 停 没收到验证码 更新信息 怎么提额 利率多少 您发错人了 你们是骗子吧 我要投诉
    我已经还了 25号还 明年还 实在还不上了 申请进度 我要销户 想借钱 提前还款要违约金吗 明天下午三点打给我 周五上午
    我的卡号6217001210024455220 查额度，顺便怎么还款 您好，我正在开车 咕噜咕噜 limit BAL PAY agent help stop yes no
    done stuck
    TD，查下额度 别再打电话了，我要投诉 打错人了，别再打了 退订，转人工 别发了，我要找人工 他让我转账 TD是什么意思
"""
TEXTS = ("", *WORDS.split(), "call me tomorrow at 3", "I have paid", "is this a scam?", "wrong number")
TOLD = {name for outcomes in FACTS.values() for told in outcomes.values() for name in told.split()}
OPTIONAL = sorted(name.rstrip("?") for name in TOLD if name.endswith("?"))


class Talk(RuleBasedStateMachine):
    """A customer, a bank, agents and a clock that do what they like."""

    @initialize(
        language=st.sampled_from(["zh-CN", "en"]),
        without=st.sets(st.sampled_from(OPTIONAL)).map(frozenset),
        customer=st.sampled_from(["王先生", ""]),
    )
    def begin(self, language: str, without: frozenset[str], customer: str) -> None:
        self.moods: list[int] = []
        self.stage = Stage(Conversation(PHONE, language=language), outcomes=self.outcome, without=without)
        self.stage.context = replace(self.stage.context, customer=customer)
        self.proven_at: Any = None

    def outcome(self, question: str) -> str:
        """What the desk or the bank says this time, by the mood that was drawn for it."""
        possible = [*sorted(QUESTIONS[question]), "failed"]
        told = possible[(self.moods.pop(0) if self.moods else 0) % len(possible)]
        if question == "code.check" and told == "right":
            self.proven_at = self.stage.context.now
        return told

    def happens(self, event: Any, moods: list[int] | None = None) -> list[Effect]:
        self.moods = list(moods or [])
        before = self.stage.conversation
        effects = self.stage.takes(event)
        self.check(before, event, effects)
        return effects

    @rule(text=st.sampled_from(TEXTS), moods=st.lists(st.integers(0, 9), max_size=6))
    def customer_texts(self, text: str, moods: list[int]) -> None:
        self.happens(Heard(text), moods)

    @precondition(lambda self: self.stage.bank)
    @rule(mood=st.integers(0, 9), late=st.integers(0, 700))
    def bank_answers(self, mood: int, late: int) -> None:
        self.stage.passes(seconds=late)
        question = self.stage.bank[0]
        self.moods = [mood]
        before = self.stage.conversation
        self.check(before, Answered(question.question, question.token, ""), self.stage.bank_answers())

    @rule(minutes=st.integers(1, 200))
    def time_passes(self, minutes: int) -> None:
        self.stage.passes(minutes=minutes)
        due = self.stage.conversation.silence_at
        if due is not None and due <= self.stage.context.now:
            self.happens(Silence())

    @rule(agent=st.sampled_from(["agent:li", "agent:wang"]))
    def agent_claims(self, agent: str) -> None:
        self.happens(Claimed(agent))

    @precondition(lambda self: self.stage.conversation.owner != BOT)
    @rule(flow=st.one_of(st.none(), st.sampled_from(sorted(CATALOGUE.flows))))
    def agent_hands_back(self, flow: str | None) -> None:
        self.happens(Released(None if flow in BEGUN_BY_THE_ENGINE else flow))

    @rule(flow=st.sampled_from(["guide_info_update", "quota", "repayment", "overdue", "callback_move"]))
    def programme_opens(self, flow: str) -> None:
        self.happens(Opened(flow))

    @rule()
    def nobody_claims(self) -> None:
        self.happens(Unanswered())

    # ---- what always holds ------------------------------------------------------------------------------

    def check(self, before: Conversation, event: Any, effects: list[Effect]) -> None:
        after, now = self.stage.conversation, self.stage.context.now
        said = [effect for effect in effects if isinstance(effect, Say)]
        for say in said:
            words = CATALOGUE.texts.render(after.language, say)
            assert words, say.key
            assert "{" not in words.replace("{code}", "") and "None" not in words
            assert ("{code}" in words) == say.code
        if any(say.figures for say in said):  # law 10
            assert self.proven_at is not None
            assert now - self.proven_at < PROOF_LASTS
            assert after.verified_until is not None and now < after.verified_until
        if isinstance(event, Heard) and before.owner != BOT:
            assert set(keys(effects)) <= {"optout.done", "optout.all", "optin.done"}
        if isinstance(event, Heard):
            self.check_refusal(event, effects)

    def check_refusal(self, event: Heard, effects: list[Effect]) -> None:
        reading = self.stage.turns[-1].reading or read(event.text, Hearing(self.stage.context.now))
        if reading.meaning == "opt_out" and reading.score >= SURE:
            assert "commercial" in self.stage.context.refused
            assert len([key for key in keys(effects) if key.startswith("optout")]) <= 1
        if "optout.stranger" in keys(effects):  # whoever refuses for somebody else is told nothing of them any more
            after = self.stage.conversation
            assert (after.verified_until, after.beneath) == (None, ())
        granted = any(isinstance(effect, Consent) and effect.verdict == "granted" for effect in effects)
        assert not granted or reading.meaning == "opt_in"

    @invariant()
    def the_conversation_stands_somewhere(self) -> None:
        conversation = self.stage.conversation
        assert len(conversation.beneath) <= DEEPEST
        if conversation.place is None:
            assert conversation.silence_at is None
        else:
            step = self.stage.step
            assert step.waiting
            assert conversation.owner == BOT
            assert conversation.silence_at is not None
        if conversation.verified_until is not None:
            assert self.proven_at is not None
            assert conversation.verified_until == self.proven_at + PROOF_LASTS

    @invariant()
    def a_code_is_in_no_slot(self) -> None:
        conversation = self.stage.conversation
        for place in (conversation.place, *conversation.beneath):
            assert place is None or "code" not in place.slots


TestRandomTalks = Talk.TestCase
TestRandomTalks.settings = settings(max_examples=120, stateful_step_count=40)


@given(st.lists(st.sampled_from(TEXTS), max_size=30), st.timedeltas(timedelta(0), timedelta(hours=3)))
@settings(max_examples=60)
def test_the_same_talk_leads_to_the_same_end(texts: list[str], pause: timedelta) -> None:
    ends = []
    for _ in range(2):
        stage = Stage()
        for text in texts:
            stage.hears(text)
            stage.passes(seconds=pause.total_seconds())
            while stage.bank:
                stage.bank_answers()
        ends.append((stage.conversation, tuple(stage.effects)))
    assert ends[0] == ends[1]
