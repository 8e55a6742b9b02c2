"""What is said beside a refusal is heard; anger, threats and reasons are none of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.flows.reading import SURE, Hearing, read

HEARING = Hearing(now=datetime(2026, 8, 24, 2, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("别打电话了，我要投诉", ["complaint"]),
        ("别再打电话了，我要投诉", ["complaint"]),
        ("别发了，我要去银保监会投诉你们", ["complaint"]),
        ("stop texting me, I want to make a complaint", ["complaint"]),
        ("打错人了，别再打了", ["wrong_person"]),
        ("请不要再发短信给我，我已经换号了，不是本人", ["wrong_person"]),
        ("wrong number, stop texting", ["wrong_person"]),
        ("我没在你们银行贷过款，别再发短信了", ["fraud_suspect"]),
        ("退订，转人工", ["human_agent"]),
        ("TD 我还欠多少", ["repayment_amount"]),
        ("TD，顺便帮我查下额度", ["quota_query"]),
        ("额度怎么没了？还有，别再给我发短信了", ["quota_query"]),
        ("how much do i owe and also stop the ads", ["repayment_amount"]),
        ("退订！另外明天上午给我打电话", ["callback_request"]),
    ],
)
def test_the_rest_of_a_refusal_is_heard(text: str, beside: list[str]) -> None:
    reading = read(text, HEARING)
    assert (reading.meaning, reading.score >= SURE) == ("opt_out", True)
    assert [other.meaning for other in reading.also] == beside


@pytest.mark.parametrize("text", ["我已经还了，别再发了", "昨天就还了，退订", "I already paid. stop texting me"])
def test_who_has_paid_and_refuses_the_reminder_says_two_things(text: str) -> None:
    asked = "【示例银行】您本期应还5,360.00元，还款日9月25日" if text[0] != "I" else "[Demo Bank] payment due on 25 Sep"
    for said, beside in ((asked, ["already_paid"]), ("【示例银行】新客专享，拒收请回复R", [])):
        reading = read(text, replace(HEARING, last_said=said))
        assert (reading.meaning, [other.meaning for other in reading.also]) == ("opt_out", beside)


@pytest.mark.parametrize(
    "text",
    [
        "退订",
        "别再发了",
        "不要再给我打电话",
        "你们别再给我家人打电话",
        "再发我就投诉",
        "不要再给我发短信了，不然我投诉你们",
        "滚，骗子，别再发了",
        "别再发短信了，你们是骗子吧",
        "利息太高不借了，请退订",
        "不用你们的贷款，别烦",
        "stop texting me or I will complain",
        "垃圾短信，别发了",
    ],
)
def test_anger_threats_and_reasons_only_refuse(text: str) -> None:
    reading = read(text, HEARING)
    assert (reading.meaning, reading.score >= SURE) == ("opt_out", True)
    assert reading.also == ()


def test_the_time_of_a_call_goes_with_it() -> None:
    [call] = read("退订！另外明天上午给我打电话", HEARING).also
    assert call.values.when is not None
    assert call.values.when.start.day == 25


@pytest.mark.parametrize(
    ("text", "beside"),
    [("别发了，我要找人工", "human_agent"), ("我叫李雷，不是王建国，你们一直发错，停掉吧", "wrong_person")],
)
def test_what_stands_beside_a_doubtful_refusal_is_kept(text: str, beside: str) -> None:
    reading = read(text, HEARING)
    assert (reading.meaning, reading.score < SURE) == ("opt_out", True)
    assert [other.meaning for other in reading.also] == [beside]


def test_a_call_that_is_not_wanted_is_not_offered() -> None:
    assert read("别打电话给我，发短信就行，我的额度是多少", HEARING).meaning == "quota_query"
