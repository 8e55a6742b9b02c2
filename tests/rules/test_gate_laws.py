"""What holds for every text whatever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.gate import CODES, judge
from app.rules.gate.form import Form, packed
from app.rules.gate.judge import _remembered, forget
from app.rules.purpose import Purpose
from tests.rules.drafts import SIGN, draft

WORDS = """最低利率 免息 无法 【 】 https:// http:// bank.example.com @ . 。 1 ８ 元 万 额度 是 5,360.00 密码 发给我
验证码 { } code 【招商银行】 回复TD退订 ! ！ ? 王建国先生 13800138000 优惠 100% % 👍 ﷺ İ ß ㍿ ① 月 日 前还 还款日"""
PIECES = [*WORDS.split(), SIGN, "\u200b", "\ud800", "\x00", " ", "\n", "\r", "\t", "free money"]
ANY = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))


@st.composite
def drafts(draw: st.DrawFn) -> Any:
    return draft(
        draw(ANY),
        language=draw(st.sampled_from(["zh-CN", "en", "fr"])),
        purpose=draw(st.sampled_from(get_args(Purpose))),
        signature=draw(st.sampled_from([SIGN, "[Example Bank] ", "", "【"])),
        verified=draw(st.booleans()),
        code_open=draw(st.booleans()),
        refused=draw(st.frozensets(st.sampled_from(["commercial", "reminders", "gateway"]))),
        domains=draw(st.sampled_from([frozenset(), frozenset({"bank.example.com"}), frozenset({""})])),
        hotline=draw(st.sampled_from(["", "95500", "+86 400-889-5500"])),
        names=draw(st.sampled_from([frozenset(), frozenset({"", "王", "王建国"})])),
        most_parts=draw(st.integers(0, 5)),
    )


@settings(max_examples=500, deadline=None)
@given(drafts())
def test_judging_never_raises_and_an_allowed_text_has_no_refusal(asked: Any) -> None:
    said = judge(asked)
    assert said.allowed == (not said.refusals)
    assert {reason.code for reason in said.reasons} <= set(CODES)
    assert len(set(said.reasons)) == len(said.reasons)
    assert said.body.startswith(asked.signature)


@settings(max_examples=200, deadline=None)
@given(drafts())
def test_the_same_draft_is_judged_the_same(asked: Any) -> None:
    assert judge(asked) == judge(asked)


@settings(max_examples=300, deadline=None)
@given(drafts(), drafts())
def test_what_was_judged_before_changes_nothing(before: Any, asked: Any) -> None:
    forget()
    fresh = judge(asked)
    forget()
    judge(replace(before, words=asked.words))
    judge(replace(asked, names=before.names, phones=frozenset({"13800138000"})))
    assert judge(asked) == fresh


@pytest.mark.parametrize(
    ("known", "asked"),
    [({}, {"names": frozenset({"王 建国"})}), ({"phones": frozenset({"13800138000"})}, {"phones": frozenset()})],
)
def test_the_same_words_to_another_customer_may_tell_too_much(known: dict[str, Any], asked: dict[str, Any]) -> None:
    words = "王建国，请致电13800138000" if "phones" in known else "王建国，您好"
    first = draft(words, purpose="service", names=frozenset(), **known)
    assert judge(first).allowed
    assert [one.code for one in judge(replace(first, **asked)).refusals] == ["personal_data"]
    assert judge(first).allowed


def test_what_is_said_to_one_person_is_not_remembered() -> None:
    forget()
    for purpose in ("answer", "code"):
        judge(draft("您的卡号6222021234567890123，额度50,000元", purpose=purpose, verified=True))
    assert _remembered.cache_info().currsize == 0
    judge(draft("您好，新的一年万事如意", purpose="service"))
    assert _remembered.cache_info().currsize == 1


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_a_signed_body_is_judged_like_its_words(words: str) -> None:
    first = judge(draft(words))
    again = judge(draft(first.body))
    assert again.body == first.body
    assert {reason.code for reason in again.refusals} == {reason.code for reason in first.refusals}


@settings(max_examples=300, deadline=None)
@given(ANY, st.data())
def test_spans_lead_back_to_the_text(text: str, data: st.DataObject) -> None:
    form = Form(text)
    assert form.packed == packed(text)
    if form.packed:
        start = data.draw(st.integers(0, len(form.packed) - 1))
        end = data.draw(st.integers(start + 1, len(form.packed)))
        first, last = form.span(start, end)
        assert 0 <= first < last <= len(text)
        assert form.packed[start:end] in packed(text[first:last]) or "%" in form.packed


@settings(max_examples=100, deadline=None)
@given(ANY, st.sampled_from(["最低利率", "秒批", "free money"]))
def test_more_words_do_not_excuse_a_refused_one(text: str, word: str) -> None:
    """Whatever stands behind a refused word, it stays refused; only a warning about it excuses it."""
    said = judge(draft(f"我们有，{word}。{text}"))
    warned = any(
        one in packed(text) for one in ("骗", "诈", "陷阱", "假", "不可信", "勿相信", "别信", "不实", "scam", "fraud")
    )
    assert not said.allowed or warned
