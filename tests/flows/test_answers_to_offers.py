"""Answers to texts that began conversations: which text is meant, how surely, and what must not change for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.care import library
from app.flows.interrupts import RESERVED
from app.flows.offered import (
    AGES,
    ANSWERED,
    CLEAR,
    IN_A_TALK,
    LEADS,
    MATCHES,
    OLDEST,
    OVERTAKEN,
    Candidate,
    Invited,
    Meant,
    Offered,
    Replied,
    meant,
)
from app.flows.vocabulary import Conversation
from tests.flows.stage import CATALOGUE, PHONE, Stage, keys, notes, relayed, standing_at, waiting_steps

DOCUMENT = (Path(__file__).parents[2] / "docs" / "programmes.md").read_text(encoding="utf-8").partition("## Replies")[2]
DRAW = Invited("1", "guide_draw", ("用款", "办理"))
QUOTA = Invited("2", "quota", ("额度",))
RENEW = Invited("1", "guide_renew_limit", ("续期", "办理"))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

questions = pytest.mark.parametrize(("flow", "step"), waiting_steps(CATALOGUE, "ask", "guide"))


def sent(number: int = 1, *replies: Invited, ago: timedelta = MINUTE, kind: str = "product", **more: bool) -> Offered:
    return Offered(
        id=number,
        programme=f"p{number}",
        kind=kind,
        day="2026-06-10",
        ago=ago,
        replies=replies or (DRAW, QUOTA),
        **more,
    )


def stage(*offered: Offered, at: Conversation | None = None) -> Stage:
    made = Stage(at or Conversation(PHONE), outcomes={"survey.keep": "kept"})
    made.context = replace(made.context, offered=offered)
    return made


def replied(effects: list[object]) -> list[Replied]:
    return [effect for effect in effects if isinstance(effect, Replied)]


def answered(text: str, *offered: Offered) -> tuple[str, str, str]:
    """Where a text leads, what it does with the offer, and the choice."""
    made = stage(*offered)
    found = replied(made.hears(text))
    assert len(found) <= 1
    return made.where, *((found[0].meaning, found[0].choice) if found else ("", ""))


@pytest.mark.parametrize(
    ("text", "where", "meaning"),
    [
        ("1", "guide_draw.steps", "chosen"),
        ("１。", "guide_draw.steps", "chosen"),
        ("一", "guide_draw.steps", "chosen"),
        ("第一个", "guide_draw.steps", "chosen"),
        ("回复1", "guide_draw.steps", "chosen"),
        ("1 怎么弄", "guide_draw.steps", "chosen"),
        ("1，我要办理50万", "guide_draw.steps", "chosen"),
        ("1谢谢", "guide_draw.steps", "chosen"),
        ("办理", "guide_draw.steps", "chosen"),
        ("帮我办理", "guide_draw.steps", "chosen"),
        ("2", "proof.code", "chosen"),
        ("额度", "proof.code", "chosen"),
        ("好的 我要", "guide_draw.steps", "agreed"),
        ("yes please", "guide_draw.steps", "agreed"),
        ("interested", "guide_draw.steps", "agreed"),
        ("怎么办", "guide_draw.steps", "agreed"),
        ("感兴趣", "guide_draw.steps", "agreed"),
        ("了解一下", "guide_draw.steps", "agreed"),
        ("👍", "guide_draw.steps", "agreed"),
        ("这是什么活动", "interest.how", "asked"),
        ("需要什么条件", "interest.how", "asked"),
        ("利息多少", "", "asked"),
        ("什么时候截止", "interest.how", "asked"),
        ("链接打不开", "interest.how", "asked"),
        ("点不了", "interest.how", "asked"),
        ("this link doesn't open", "interest.how", "asked"),
        ("我已经办了", "", "other"),
        ("我想贷款", "guide_draw.steps", "agreed"),
        ("我还有多少额度", "proof.code", "asked"),
        ("给我回个电话", "callback.slot", "person"),
        ("转人工", "human.waiting", "person"),
        ("我要投诉", "human.waiting", "complained"),
        ("你们发错人了", "", "complained"),
        ("TD", "", "refused"),
        ("别发了", "", "refused"),
        ("不要", "optout.sure", "other"),
        ("没兴趣", "", "other"),
        ("要不起", "", "other"),
        ("好的", "", "other"),
        ("🙏", "", "other"),
        ("1万可以吗", "interest.how", "asked"),
        ("3", "menu.main", "other"),
    ],
)
def test_what_a_text_does_with_the_offer_before_it(text: str, where: str, meaning: str) -> None:
    assert answered(text, sent())[:2] == (where, meaning)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("2 明天上午", "2"),
        ("2，明天上午10点", "2"),
        ("2明天下午3点打给我", "2"),
        ("2. tomorrow morning please", "2"),
        ("约回电 明天上午", "2"),
    ],
)
def test_whoever_says_when_with_the_choice_of_a_call_is_not_asked_when(text: str, choice: str) -> None:
    made = stage(sent(1, DRAW, Invited("2", "callback", ("回电", "约回电"))))
    found = replied(made.hears(text))
    assert [(one.meaning, one.choice) for one in found] == [("chosen", choice)]
    assert made.conversation.place is not None and made.conversation.place.flow == "callback"
    assert made.conversation.place.slots["from"].startswith("2026-06-1")


@pytest.mark.parametrize("text", ["2点以后", "2天后", "2月以后", "1明天还", "1 明天上午"])
def test_a_number_that_belongs_to_a_time_chooses_nothing(text: str) -> None:
    assert answered(text, sent(1, DRAW, Invited("2", "callback", ("回电",))))[1] != "chosen"


def test_a_time_in_our_own_words_that_are_sent_back_is_not_the_customers() -> None:
    made = stage(sent(1, DRAW, Invited("2", "callback", ("回电",))))
    words = "【示例银行】您的额度还没有用过，明天上午截止。回复1用款 2约回电。拒收请回复R"
    made.context = replace(made.context, last_said=words)
    made.hears(f"{words}\n2")
    assert made.conversation.place is not None and made.conversation.place.flow == "callback"
    assert "from" not in made.conversation.place.slots


def test_a_yes_is_about_the_last_that_we_said_and_a_wish_about_the_offer() -> None:
    since = sent(answered=True)
    assert answered("好", since)[1] == ""
    assert answered("好的 我要", since)[:2] == ("guide_draw.steps", "agreed")
    assert answered("办理", since)[:2] == ("guide_draw.steps", "chosen")


@pytest.mark.parametrize("text", ["我想贷款", "借5万", "有没有优惠"])
def test_a_wish_for_money_is_no_answer_to_a_service_text(text: str) -> None:
    update = replace(sent(1, Invited("1", "guide_info_update"), kind="service"), purpose="service")
    assert answered(text, update)[0] == "interest.how"
    assert answered("怎么弄", update)[0] == "guide_info_update.steps"


def test_who_has_done_it_already_is_thanked_and_nothing_is_checked() -> None:
    assert keys(stage(sent()).hears("我已经办了")) == ["courtesy.said"]
    assert keys(stage(replace(sent(kind="service"), purpose="reminder")).hears("我已经还了")) == ["paid.thanks"]


def test_a_yes_to_a_reminder_orders_nothing() -> None:
    reminder = replace(sent(kind="service"), purpose="reminder")
    made = stage(reminder)
    assert keys(made.hears("好")) == ["courtesy.said"]
    assert answered("怎么办", reminder)[0] != "guide_draw.steps"


def test_whoever_waits_for_a_person_is_read_by_that_person() -> None:
    made = stage(sent(), at=standing_at("human", "waiting"))
    assert relayed(made.hears("办理"))
    assert made.where == "human.waiting"


def test_a_digit_under_a_quotation_of_our_text_is_a_digit() -> None:
    made = stage(sent())
    words = "【示例银行】您的额度还没有用过。回复1用款 2查额度。拒收请回复R"
    made.context = replace(made.context, last_said=words)
    assert [one.choice for one in replied(made.hears(f"{words}\n1"))] == ["1"]


@pytest.mark.parametrize("text", ["自动回复：我在开会，稍后回复您", "您好，我现在不方便接听，稍后联系"])
def test_a_machine_answers_nothing(text: str) -> None:
    assert answered(text, sent())[1] == ""


@pytest.mark.parametrize(
    ("text", "key"), [("好", "courtesy.said"), ("中秋快乐", "courtesy.said"), ("同乐", "courtesy.said")]
)
def test_kindness_to_a_greeting_is_returned_once(text: str, key: str) -> None:
    greeting = sent(kind="festival")
    made = stage(greeting)
    assert keys(made.hears(text)) == [key]
    made.context = replace(made.context, offered=(replace(greeting, answered=True),))
    assert keys(made.hears(text)) == []


def test_a_yes_to_a_greeting_orders_nothing_although_it_has_a_menu() -> None:
    assert answered("好", sent(1, Invited("1", "callback"), kind="festival"))[0] == ""
    assert answered("1", sent(1, Invited("1", "callback"), kind="festival"))[0] == "callback.slot"


def test_an_offer_without_a_menu_can_be_agreed_to() -> None:
    bare = replace(sent(), replies=())
    assert answered("办理", bare)[:2] == ("interest.how", "agreed")
    assert answered("1", bare)[:2] == ("menu.main", "other")


def test_a_flow_that_is_gone_is_replaced_by_interest() -> None:
    assert answered("1", sent(1, Invited("1", "guide_of_last_year")))[0] == "interest.how"


def test_the_flow_knows_which_text_led_into_it_and_gets_its_slots() -> None:
    made = stage(sent(7, Invited("1", "interest", slots={"product": "car"})))
    made.hears("1")
    assert made.conversation.place is not None
    expected = {"occasion": "7", "programme": "p7", "offered": "2026-06-10", "product": "car"}
    assert expected.items() <= made.conversation.place.slots.items()


# ---- several texts ------------------------------------------------------------------------------------------


def test_two_texts_that_offer_the_same_key_are_asked_about_once() -> None:
    made = stage(sent(2, RENEW), sent(1, DRAW, ago=5 * HOUR))
    first = made.hears("1")
    assert made.where == "which_text.which"
    assert (replied(first)[0].occasion, replied(first)[0].meaning) == (2, "other")
    (chosen,) = replied(made.hears("2"))
    assert made.where == "guide_draw.steps"
    assert (chosen.occasion, chosen.meaning, chosen.choice, chosen.confidence) == (1, "chosen", "1", 1.0)


@pytest.mark.parametrize(
    ("text", "where", "occasion"),
    [("用款", "guide_draw.steps", 1), ("续期", "guide_renew_limit.steps", 2), ("2", "proof.code", 1)],
)
def test_what_only_one_of_them_offers_is_not_asked_about(text: str, where: str, occasion: int) -> None:
    made = stage(sent(2, RENEW), sent(1, ago=5 * HOUR))
    (found,) = replied(made.hears(text))
    assert (made.where, found.occasion) == (where, occasion)


def test_the_same_end_is_not_asked_about() -> None:
    made = stage(sent(2, DRAW), sent(1, DRAW, ago=5 * HOUR))
    (found,) = replied(made.hears("1"))
    assert (made.where, found.occasion, found.meaning) == ("guide_draw.steps", 2, "chosen")
    assert found.confidence < 1


def test_an_old_text_does_not_make_the_new_one_doubtful() -> None:
    assert answered("1", sent(2, RENEW), sent(1, DRAW, ago=9 * DAY))[0] == "guide_renew_limit.steps"


def test_who_does_not_say_which_is_asked_no_more() -> None:
    made = stage(sent(2, RENEW), sent(1, DRAW, ago=5 * HOUR))
    made.hears("1")
    assert "which_text.which" not in keys(made.hears("呜啦呜啦"))
    assert made.where == "unclear.which"


# ---- what goes before ---------------------------------------------------------------------------------------


@questions
@pytest.mark.parametrize("text", ["0", "1", "2", "3", "9", "是", "好"])
def test_an_open_question_hears_what_it_heard_without_an_offer(flow: str, step: str, text: str) -> None:
    plain, offered = stage(at=standing_at(flow, step)), stage(sent(), at=standing_at(flow, step))
    without = plain.hears(text)
    assert [one for one in offered.hears(text) if not isinstance(one, Replied)] == without
    assert offered.conversation == plain.conversation


@questions
@pytest.mark.parametrize("text", ["TD", "你们发错人了", "你们是骗子吧", "我要投诉", "转人工", "帮助"])
def test_what_outranks_flows_outranks_offers(flow: str, step: str, text: str) -> None:
    plain, offered = stage(at=standing_at(flow, step)), stage(sent(), at=standing_at(flow, step))
    without = plain.hears(text)
    assert [one for one in offered.hears(text) if not isinstance(one, Replied)] == without


def test_an_agents_talk_is_the_agents() -> None:
    made = stage(sent(), at=replace(Conversation(PHONE), owner="agent:li"))
    assert replied(made.hears("1")) == []
    assert made.where == ""
    assert [one.meaning for one in replied(made.hears("TD"))] == ["refused"]


@pytest.mark.parametrize(("keyword", "meaning"), [("stop", ["refused"]), ("start", []), ("help", [])])
def test_the_gateways_own_words_count_when_they_refuse(keyword: str, meaning: list[str]) -> None:
    made = stage(sent())
    assert [one.meaning for one in replied(made.hears("STOP", keyword=keyword))] == meaning


def test_a_refusal_after_our_question_counts_against_the_offer() -> None:
    made = stage(sent())
    made.hears("不要")
    (found,) = replied(made.hears("1"))
    assert (found.meaning, found.occasion) == ("refused", 1)


def test_nobody_is_asked_twice_whether_a_no_means_our_texts() -> None:
    assert answered("不要", sent(2), sent(1, declined=True, ago=DAY))[0] == ""


def test_a_service_text_is_no_reason_to_ask_about_offers() -> None:
    assert answered("不要", replace(sent(kind="service"), purpose="service"))[0] == ""


def test_a_refusal_counts_against_the_offer_not_the_reminder_after_it() -> None:
    made = stage(replace(sent(2, kind="service"), purpose="service"), sent(1, ago=20 * DAY, answered=True))
    (found,) = replied(made.hears("TD"))
    assert found.occasion == 1


def test_an_emoji_is_no_riddle() -> None:
    assert notes(stage(sent()).hears("🎉🎉"))[-1] == "silent:emoji"


# ---- the figure ---------------------------------------------------------------------------------------------


def weighed(*offered: Offered, match: str = "key") -> Meant:
    found = meant([Candidate(one, one.replies[0], match) for one in offered])  # type: ignore[arg-type]
    assert found is not None
    return found


offers = st.builds(
    lambda ago, answered: sent(1, DRAW, ago=ago, answered=answered),
    st.timedeltas(timedelta(0), timedelta(days=30)),
    st.booleans(),
)
matches = st.sampled_from(sorted(MATCHES))


@given(st.lists(offers, min_size=1, max_size=3), matches)
def test_a_confidence_lies_between_none_and_all(several: list[Offered], match: str) -> None:
    found = weighed(*several, match=match)
    assert 0 < found.confidence <= found.weight <= 1


@given(offers, st.timedeltas(timedelta(0), timedelta(days=20)), matches)
def test_time_and_answers_never_make_a_text_likelier(one: Offered, more: timedelta, match: str) -> None:
    before = weighed(one, match=match).confidence
    assert weighed(replace(one, ago=one.ago + more), match=match).confidence <= before
    assert weighed(replace(one, answered=True), match=match).confidence <= before


@given(offers, offers, matches)
def test_another_text_never_makes_one_surer(one: Offered, other: Offered, match: str) -> None:
    found = weighed(one, other, match=match)
    assert found.confidence <= max(weighed(one, match=match).confidence, weighed(other, match=match).confidence)


def test_one_text_and_its_own_key_within_the_hour_leave_no_doubt() -> None:
    assert weighed(sent()).confidence == 1


def test_three_days_and_an_answer_still_lead_and_a_month_does_not() -> None:
    assert weighed(sent(ago=3 * DAY, answered=True)).holds
    assert not weighed(sent(ago=30 * DAY, answered=True)).holds
    assert 0 < LEADS < CLEAR < 1


def test_the_document_has_the_figures_of_the_rule() -> None:
    rows = {found[1]: found[2] for found in re.finditer(r"^\| `(\w+)`:[^|]*\| ([^|]*) \|$", DOCUMENT, re.MULTILINE)}
    ages = " · ".join(f"{weight:g}" for weight in (*(weight for _, weight in AGES), OLDEST))
    others = {"answered": f"× {ANSWERED}", "overtaken": f"× {OVERTAKEN}", "in_a_talk": f"× {IN_A_TALK}", "age": ages}
    assert rows == {name: f"{weight:g}" for name, weight in MATCHES.items()} | others
    assert f"Below {LEADS} a text" in DOCUMENT
    assert f"less than {CLEAR} of them" in DOCUMENT


# ---- what is shipped ----------------------------------------------------------------------------------------


def test_every_shipped_menu_leads_into_a_flow_that_exists_by_words_that_are_free() -> None:
    astray = [
        (name, reply.key)
        for name, template in library.shipped().items()
        for reply in template.replies
        if reply.flow not in CATALOGUE.flows or RESERVED & {word.casefold() for word in (reply.key, *reply.words)}
    ]
    assert astray == []


@pytest.mark.parametrize(
    "template", [one for one in library.shipped().values() if one.replies], ids=lambda one: f"{one.key}-{one.language}"
)
def test_every_shipped_reply_leads_where_its_text_says(template: object) -> None:
    replies = tuple(Invited(one.key, one.flow, one.words, one.slots) for one in template.replies)  # type: ignore[attr-defined]
    for reply in replies:
        for said in (reply.key, *reply.words):
            made = stage(sent(1, *replies, kind=template.kind))  # type: ignore[attr-defined]
            effects = made.hears(said)
            path = [step.partition(".")[0] for turn in made.turns for step in turn.path]
            assert reply.flow in path, (said, path)
            assert [one.choice for one in replied(effects)] in ([reply.key], ["human_agent"])
