"""How the core moves through particular talks: codes, codes twice, two requests, guides, guards, hand-backs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.flows.guards import ENOUGH
from app.flows.reading.meaning import Reading
from app.flows.vocabulary import (
    Answered,
    Ask,
    Claimed,
    Consent,
    Heard,
    Released,
    Say,
    Silence,
    Unanswered,
)
from tests.flows.stage import NOW, Stage, asked, keys, notes, relayed, standing_at


def says(effects: list[object]) -> list[Say]:
    return [effect for effect in effects if isinstance(effect, Say)]


# ---- proof (A11, law 10) -----------------------------------------------------------------------------------


def test_a_figure_comes_after_the_code_and_not_before() -> None:
    stage = Stage()
    first = stage.hears("我还有多少额度")
    assert keys(first) == ["proof.code"]
    assert says(first)[0].code
    assert not any(say.figures for say in says(first))
    stage.hears("482113")
    assert stage.where == "quota.asking"
    told = stage.bank_answers()
    assert keys(told) == ["quota.told"]
    assert says(told)[0].figures


def test_the_code_goes_with_the_question_and_into_no_row() -> None:
    stage = Stage()
    stage.hears("额度")
    stage.hears("482113")
    check = next(e for e in stage.effects if isinstance(e, Ask) and e.question == "code.check")
    assert check.slots["code"] == "482113"
    kept = [stage.conversation.place, *stage.conversation.beneath]
    assert not any("482113" in place.slots.values() for place in kept if place)


def test_within_ten_minutes_no_second_code_is_asked_for() -> None:
    stage = Stage()
    stage.hears("额度")
    stage.hears("482113")
    stage.bank_answers()
    stage.passes(minutes=9)
    assert asked(stage.hears("账单")) == ["bank.repayment"]


def test_after_ten_minutes_the_proof_has_expired() -> None:
    stage = Stage()
    stage.hears("额度")
    stage.hears("482113")
    stage.bank_answers()
    stage.passes(minutes=11)
    assert keys(stage.hears("额度")) == ["proof.code"]


def test_a_bank_that_answers_after_the_proof_expired_tells_nothing() -> None:
    stage = Stage(standing_at("quota", "asking", verified_until=NOW.replace(minute=1)))
    effects = stage.takes(Answered("bank.quota", 1, "found", {"available": "50000.00", "limit": "50000.00"}))
    assert keys(effects) == ["quota.told"]
    late = Stage(standing_at("quota", "asking", verified_until=NOW.replace(minute=1)))
    late.passes(minutes=2)
    effects = late.takes(Answered("bank.quota", 1, "found", {"available": "50000.00", "limit": "50000.00"}))
    assert keys(effects) == ["proof.code"]
    assert "proof_expired" in notes(effects)


def test_an_interrupted_code_is_asked_for_again_but_not_sent_again() -> None:
    stage = Stage()
    stage.hears("额度")
    effects = stage.hears("帮助")
    assert keys(effects) == ["menu.main", "proof.code.again"]
    assert not any(say.code for say in says(effects))
    assert "{code}" not in "".join(stage.words(effects))
    stage.hears("482113")
    assert stage.where == "quota.asking"


def test_a_code_that_never_came_is_issued_again() -> None:
    stage = Stage()
    stage.hears("额度")
    effects = stage.hears("没收到验证码")
    assert asked(effects) == ["code.issue"]
    assert says(effects)[-1].code


@pytest.mark.parametrize(
    ("outcomes", "key"),
    [
        ({"customer.identify": "nobody"}, "proof.unknown"),
        ({"customer.identify": "other_card"}, "proof.other_card"),
        ({"customer.identify": "failed"}, "proof.down"),
        ({"code.issue": "limited"}, "proof.limited"),
        ({"code.issue": "failed"}, "proof.down"),
    ],
)
def test_who_cannot_be_proven_hears_why_and_where_to_look(outcomes: dict[str, str], key: str) -> None:
    stage = Stage(outcomes=outcomes)
    effects = stage.hears("额度")
    assert keys(effects) == [key]
    assert stage.conversation.place is None
    if "{for:path}" in stage.catalogue.texts.word("zh-CN", key):
        assert "手机银行>贷款>我的额度" in stage.words(effects)[0]


def test_wrong_codes_end_with_a_locked_door_and_a_person() -> None:
    outcome = {"code.check": "wrong"}
    stage = Stage(outcomes=outcome)
    stage.hears("额度")
    assert keys(stage.hears("111111")) == ["proof.wrong"]
    stage.outcome = {"code.check": "locked", "ticket.open": "queued"}.__getitem__
    assert keys(stage.hears("222222")) == ["proof.locked"]
    assert keys(stage.hears("1")) == ["human.waiting"]


def test_two_cards_are_told_apart_by_their_tail() -> None:
    stage = Stage(outcomes={"customer.identify": "several"})
    assert keys(stage.hears("额度")) == ["proof.tail"]
    stage.outcome = {"customer.identify": "one", "code.issue": "sent"}.__getitem__
    effects = stage.hears("0123")
    assert keys(effects) == ["proof.code"]
    identify = next(e for e in effects if isinstance(e, Ask) and e.question == "customer.identify")
    assert identify.slots["last4"] == "0123"


# ---- several wishes ----------------------------------------------------------------------------------------


def test_two_requests_of_one_text_are_served_in_order() -> None:
    stage = Stage()
    stage.hears("额度")
    stage.hears("482113")
    stage.bank_answers()
    effects = stage.hears("怎么还款？另外给我转人工")
    assert effects
    stage = Stage(standing_at("quota", "told", verified_until=NOW.replace(minute=9)))
    stage.hears("查一下额度，还有怎么还款")
    told = stage.bank_answers()
    assert keys(told) == ["quota.told", "repayment.channel"]
    assert stage.where == "repayment.channel"


def test_a_question_in_the_middle_of_a_guide_leads_back_to_its_step() -> None:
    stage = Stage()
    stage.hears("怎么还钱")
    stage.hears("1")
    assert stage.where == "repayment.app_steps"
    stage.hears("1")
    stage.hears("这个月要还多少")
    stage.hears("482113")
    effects = stage.bank_answers()
    assert keys(effects) == ["owed.told", "guide.repay_app"]
    assert not says(effects)[0].choices
    assert stage.conversation.place is not None
    assert stage.conversation.place.slots["n"] == "2"


# ---- guides (A8) -------------------------------------------------------------------------------------------


def test_a_guide_goes_forth_and_back_repeats_and_ends() -> None:
    stage = Stage()
    stage.hears("更新信息")
    n = lambda: stage.conversation.place.slots["n"]  # type: ignore[union-attr]  # noqa: E731
    assert n() == "1"
    stage.hears("下一步")
    assert n() == "2"
    stage.hears("0")
    assert n() == "1"
    stage.hears("1")
    stage.hears("2")
    assert n() == "2"
    stage.hears("好了")
    assert n() == "3"
    assert keys(stage.hears("1")) == ["guide_info_update.done"]


def test_who_is_stuck_in_a_guide_is_handed_over_with_the_step() -> None:
    stage = Stage()
    stage.hears("怎么还钱")
    stage.hears("1")
    stage.hears("1")
    effects = stage.hears("3")
    opened = next(e for e in effects if isinstance(e, Ask) and e.question == "ticket.open")
    assert opened.slots["topic"] == "repayment"
    assert opened.slots["where"] == "repayment.app_steps.2"
    assert stage.where == "human.waiting"


@pytest.mark.parametrize("word", ["停", "9", "先这样"])
def test_a_guide_can_be_stopped(word: str) -> None:
    stage = Stage(standing_at("guide_draw", "steps"))
    assert keys(stage.hears(word)) == []
    assert stage.conversation.place is None


# ---- people (A9) -------------------------------------------------------------------------------------------


def test_nobody_claims_in_time_and_the_customer_hears_of_it() -> None:
    stage = Stage()
    stage.hears("转人工")
    effects = stage.takes(Unanswered())
    assert keys(effects) == ["human.sorry"]
    stage.hears("1")
    assert stage.where == "callback.slot"


def test_outside_working_hours_a_callback_is_offered() -> None:
    stage = Stage(outcomes={"ticket.open": "closed"})
    assert keys(stage.hears("转人工")) == ["human.closed"]
    assert keys(stage.hears("好")) == ["callback.slot"]


def test_what_is_written_in_the_queue_is_kept_for_the_agent() -> None:
    stage = Stage()
    stage.hears("转人工")
    for text in ("上个月扣了两次款", "一共多扣了5360元", "请尽快看看"):
        effects = stage.hears(text)
        assert relayed(effects)
        assert keys(effects) == []
    assert stage.where == "human.waiting"


def test_a_conversation_comes_back_where_it_stood() -> None:
    stage = Stage()
    stage.hears("怎么还钱")
    stage.hears("1")
    stage.hears("转人工")
    stage.takes(Claimed("agent:li"))
    stage.passes(minutes=20)
    effects = stage.takes(Released())
    assert keys(effects) == ["handback.welcome"]
    assert "刚才您在还款第1步，回复1继续" in stage.words(effects)[0]
    effects = stage.hears("1")
    assert keys(effects) == ["guide.repay_app"]
    assert stage.where == "repayment.app_steps"


def test_a_hand_back_with_nothing_open_offers_nothing_to_continue() -> None:
    stage = Stage()
    stage.hears("转人工")
    stage.takes(Claimed("agent:li"))
    effects = stage.takes(Released())
    assert stage.words(effects) == ["还可以帮您什么？"]
    stage.takes(Silence())
    assert stage.conversation.place is None


def test_an_agent_can_hand_back_into_a_flow() -> None:
    stage = Stage()
    stage.takes(Claimed("agent:li"))
    assert keys(stage.takes(Released("guide_renew_limit"))) == ["guide.renew_limit"]


# ---- refusals ----------------------------------------------------------------------------------------------


def test_a_text_that_may_be_a_refusal_is_asked_about_once() -> None:
    stage = Stage()
    effects = stage.hears("T")
    assert keys(effects) == ["optout.sure"]
    effects = stage.hears("1")
    assert asked(effects) == ["consent.refuse"]
    assert keys(effects) == ["optout.done"]


def test_the_letter_that_an_offer_named_refuses_at_once() -> None:
    stage = Stage()
    stage.context = replace(stage.context, refusal_words=frozenset({"R"}))
    assert keys(stage.hears("R")) == ["optout.done"]


def test_all_texts_means_reminders_too_and_can_be_undone() -> None:
    stage = Stage()
    effects = stage.hears("所有短信都别发")
    scopes = [effect.scope for effect in effects if isinstance(effect, Consent)]
    assert scopes == ["commercial", "reminders"]
    assert keys(effects) == ["optout.all"]
    effects = stage.hears("HF")
    assert [e.verdict for e in effects if isinstance(e, Consent)] == ["granted", "granted"]
    assert stage.context.refused == frozenset()


def test_what_the_gateway_answers_itself_is_recorded_in_silence() -> None:
    stage = Stage(standing_at("repayment", "channel"))
    effects = stage.takes(Heard("STOP", keyword="stop"))
    assert {effect.scope for effect in effects if isinstance(effect, Consent)} == {"gateway", "commercial"}
    assert keys(effects) == []
    assert stage.where == "repayment.channel"


# ---- loop guards -------------------------------------------------------------------------------------------


def test_the_same_text_for_the_third_time_is_left_alone() -> None:
    stage = Stage()
    assert keys(stage.hears("利率多少"))
    assert keys(stage.hears("利率多少"))
    effects = stage.hears("利率多少")
    assert keys(effects) == []
    assert "silent:same_text" in notes(effects)


def test_a_refusal_takes_effect_however_often_it_was_said_before() -> None:
    stage = Stage(replace(standing_at("menu", "main"), guard=replace(standing_at("menu", "main").guard, answers=99)))
    assert keys(stage.hears("TD")) == ["optout.done"]


def test_what_is_kept_of_a_secret_tells_nothing_about_it() -> None:
    digests = set()
    for text in ("482113", "771200"):
        stage = Stage()
        stage.hears(text)
        digests.add(stage.conversation.guard.digest)
    assert len(digests) == 1
    for number in ("6217001210024455220", "6228480402560035220"):
        stage = Stage()
        stage.hears(f"卡号{number}")
        digests.add(stage.conversation.guard.digest)
    assert len(digests) == 2  # one for all codes, one for all cards that end alike


def test_numbers_that_move_a_guide_on_are_no_loop() -> None:
    stage = Stage()
    stage.hears("开通自动扣款")
    stage = Stage(standing_at("guide_draw", "steps"))
    stage.conversation = replace(
        stage.conversation,
        place=replace(stage.conversation.place, slots={"n": "1", "of": "draw"}),  # type: ignore[type-var]
    )
    for expected in (["guide.draw"], ["guide.draw"], ["guide_draw.done"]):
        assert keys(stage.hears("1")) == expected


def test_two_machines_that_talk_fall_silent_and_a_person_is_heard_again_later() -> None:
    stage = Stage()
    answered = [bool(keys(stage.hears(f"本店第{n}号包裹已经放在门口"))) for n in range(12)]
    assert any(answered)
    assert not any(answered[6:])
    stage.passes(minutes=3)
    assert keys(stage.hears("帮助"))


def test_a_hasty_customer_is_answered_for_longer_than_a_machine() -> None:
    stage = Stage()
    for text in ["帮助", "利率多少"] * (ENOUGH // 2):
        assert keys(stage.hears(text))
        stage.passes(seconds=3)
    assert not keys(stage.hears("帮助"))


@pytest.mark.parametrize("text", ["您好，我正在开车，稍后回复您", "【自动回复】您好，我现在不方便接听"])
def test_an_auto_responder_is_not_answered(text: str) -> None:
    stage = Stage(standing_at("repayment", "channel"))
    assert keys(stage.hears(text)) == []
    assert stage.where == "repayment.channel"


def test_our_own_words_are_not_answered() -> None:
    stage = Stage(standing_at("repayment", "channel"))
    stage.context = replace(stage.context, last_said="【示例银行】您想怎么还？1手机银行 2自动扣款 3网点柜台")
    effects = stage.hears("【示例银行】您想怎么还？1手机银行 2自动扣款 3网点柜台")
    assert keys(effects) == []


# ---- small talk --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["谢谢", "好的谢谢", "thanks"])
def test_thanks_make_no_noise(text: str) -> None:
    stage = Stage()
    assert keys(stage.hears(text)) == []


def test_a_picture_without_words_is_answered() -> None:
    stage = Stage()
    assert keys(stage.hears("", media=1)) == ["guard.picture"]


def test_not_understood_is_said_and_the_likely_wishes_are_offered() -> None:
    stage = Stage()
    effects = stage.hears("咕噜咕噜噜")
    assert keys(effects) == ["unclear.which"]
    assert stage.turns[-1].reading is None or isinstance(stage.turns[-1].reading, Reading)
    assert all(turn.reading is None or turn.reading.meaning == "out_of_scope" for turn in stage.turns)


# ---- callbacks (A7) ----------------------------------------------------------------------------------------


def test_a_list_of_times_may_be_answered_with_another_time() -> None:
    stage = Stage()
    stage.hears("明天下午给我打电话")
    assert stage.where == "callback.slot"
    effects = stage.hears("周五上午10点吧")
    assert asked(effects) == ["callback.slots"]
    wish = next(e for e in effects if isinstance(e, Ask))
    assert wish.slots["exact"] == "yes"
    assert wish.slots["from"].startswith("2026-06-12T10:00")
    effects = stage.hears("周五上午")
    wish = next(e for e in effects if isinstance(e, Ask))
    assert wish.slots["exact"] == "no"


def test_a_booking_can_be_moved_and_cancelled_by_letter() -> None:
    stage = Stage()
    stage.context = replace(stage.context, callback="2026-06-11T16:00:00+08:00")
    assert keys(stage.hears("G")) == ["callback_move.when"]
    effects = stage.hears("后天下午三点")
    assert asked(effects)[0] == "callback.slots"
    assert next(e for e in effects if isinstance(e, Ask)).slots["moving"] == "yes"
    assert keys(stage.hears("Q")) == ["callback_cancel.done", "callback.slot.again"]


def test_a_slot_that_somebody_else_took_is_offered_anew() -> None:
    told = iter(["taken"])
    usual = Stage().outcome
    stage = Stage(outcomes=lambda question: next(told, "booked") if question == "callback.book" else usual(question))
    stage.hears("回电")
    effects = stage.hears("2")
    assert asked(effects) == ["callback.book", "callback.slots"]
    assert keys(effects) == ["callback.slot"]
    assert keys(stage.hears("1")) == ["callback.booked"]
