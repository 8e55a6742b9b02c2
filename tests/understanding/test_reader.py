"""The reader behind `read()`: it never raises, always says the same, abstains, hears context and two requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.reading import SURE, Hearing, Meaning, Option, normalise, read
from app.flows.reading.answering import topic_of
from app.flows.reading.model import header, meanings, tally
from app.flows.reading.model.features import BUCKETS, SCRIPTS, features_of, script_of
from app.flows.reading.model.sounds import sounds_of, spelt
from app.flows.reading.reader import understand

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ALONE = Hearing(now=NOW)
REMINDER = "【示例银行】王先生，您本月应还5,360.00元，还款日8月25日。"
OFFER = "【示例银行】专享优惠，年利率低至3.6%，最高可借20万元，拒收请回复R"
EVERY = frozenset(get_args(Meaning))


def heard(said: str) -> Hearing:
    return Hearing(now=NOW, last_said=said)


@given(st.text(max_size=300))
def test_whatever_is_typed_it_answers_and_twice_the_same(text: str) -> None:
    first = understand(normalise(text), ALONE)
    assert first == understand(normalise(text), ALONE)
    assert first.meaning in EVERY
    assert 0.0 <= first.score <= 1.0
    assert set(first.likely) <= EVERY


@given(st.text(alphabet="我你还款额度怎么多少不能了吗逾期利息 ,。?aeiou0123", max_size=60))
def test_the_whole_of_read_never_raises(text: str) -> None:
    found = read(text, ALONE)
    assert found.meaning in EVERY
    assert found == read(text, ALONE)


def test_every_meaning_of_a_free_text_is_learnt() -> None:
    no_words = {"number_choice", "otp_code", "auto_reply", "echo", "secret_sent", "empty"}
    no_words |= {"mail_steps"}  # asked for in the words that the bank has told, as a command is
    assert EVERY - set(meanings()) <= no_words
    for script in SCRIPTS:
        assert set(header()["scripts"][script]["first"]) == set(meanings())


def test_the_numbers_of_features_are_stable() -> None:
    numbers, counts = features_of("还钱还钱", "han")
    assert list(numbers) == sorted(set(numbers))
    assert len(numbers) == len(counts)
    assert max(numbers) < BUCKETS
    assert features_of("", "latin")[0].size > 0, "an empty text has its edges"
    assert tally("", "latin").shape == (len(meanings()),)


@pytest.mark.parametrize(
    ("text", "script"),
    [("怎么还", "han"), ("how to pay", "latin"), ("hai you duo shao edu", "han"), ("can you change the date", "latin")],
)
def test_pinyin_is_chinese(text: str, script: str) -> None:
    assert script_of(text) == script


def test_what_sounds_alike_is_alike() -> None:
    assert sounds_of(list("额渡")) == sounds_of(list("额度"))
    assert sounds_of(list("身")) == sounds_of(list("生")), "-n and -ng, s and sh are not told apart"
    assert spelt("huankuan") == ["huan", "kuan"]
    assert spelt("xian") is None, "one syllable is no text in pinyin"


@pytest.mark.parametrize(
    ("text", "first", "then"),
    [
        ("额度多少 顺便给我回个电话", "quota_query", ["callback_request"]),
        ("利息怎么算的，另外可以提前还吗", "rate_question", ["early_repayment"]),
        ("我的还款日是几号？再帮我转人工吧", "repayment_date", ["human_agent"]),
        ("how do i pay? and also call me back please", "repayment_how", ["callback_request"]),
    ],
)
def test_two_requests_are_both_served_in_order(text: str, first: str, then: list[str]) -> None:
    found = read(text, ALONE)
    assert found.meaning == first
    assert [other.meaning for other in found.also] == then


@pytest.mark.parametrize("text", ["我昨天去了一趟，还是老样子，你们说怎么办吧", "the thing with the thing is not good"])
def test_it_asks_rather_than_guesses(text: str) -> None:
    assert read(text, ALONE).score < SURE


def test_what_is_asked_instead_is_ordered_and_short() -> None:
    found = read("额度的事情还款那个怎么弄来着", ALONE)
    if found.score < SURE:
        assert 1 <= len(found.likely) <= 3
        assert list(found.likely.values()) == sorted(found.likely.values(), reverse=True)


def test_the_text_that_is_answered_decides_a_short_answer() -> None:
    assert topic_of(REMINDER) == "reminder"
    assert topic_of(OFFER) == "offer"
    under_reminder, under_offer = read("怎么弄", heard(REMINDER)), read("怎么弄", heard(OFFER))
    assert (under_reminder.meaning, under_offer.meaning) == ("repayment_how", "campaign_interest")


def test_a_long_answer_speaks_for_itself() -> None:
    text = "我想问一下我现在的可用额度还有多少"
    assert read(text, heard(REMINDER)) == read(text, heard(OFFER)) == read(text, ALONE)


def test_the_model_alone_never_refuses() -> None:
    """What no rule of refusals.toml calls a refusal may be asked about, but is not acted on."""
    found = understand(normalise("这些推销的东西我一条都不想再看见"), ALONE)
    assert found.meaning != "opt_out" or found.score < SURE


def test_the_open_question_comes_first() -> None:
    choice = Hearing(now=NOW, expects="choice", options=(Option("app", "1", ("手机银行",)), Option("card", "2")))
    assert read("1", choice).values.option == "app"
    assert read("好", Hearing(now=NOW, expects="yes_no")).meaning == "yes"
