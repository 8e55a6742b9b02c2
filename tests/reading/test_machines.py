from dataclasses import replace

from pytest import mark

from app.flows.reading import read
from tests.reading.tables import NOTHING_ASKED

OFFER = "【示例银行】王先生，您有50,000.00元额度可用，登录手机银行>贷款>我要借款。拒收请回复R"
HEARD_OFFER = replace(NOTHING_ASKED, last_said=OFFER)


@mark.parametrize(
    "text",
    [
        "您好，我正在开车，稍后回复您",
        "[自动回复]我现在不方便接听电话，稍后联系",
        "自动回复",
        "我现在有事不在，一会再和您联系",
        "This is an automated message. Please do not reply.",
        "I'm driving right now, I'll get back to you later",
        "Out of office until Monday",
    ],
)
def test_auto_responders(text: str) -> None:
    assert read(text, NOTHING_ASKED).meaning == "auto_reply"


@mark.parametrize(
    ("text", "meaning"),
    [
        ("我现在开会，六点后联系我", "callback_request"),
        ("driving, call me in an hour", "callback_request"),
        ("在开车，下午打给我", "callback_request"),
    ],
)
def test_a_busy_person_is_no_machine(text: str, meaning: str) -> None:
    assert read(text, NOTHING_ASKED).meaning == meaning


def test_our_own_words_are_an_echo() -> None:
    assert read(OFFER, HEARD_OFFER).meaning == "echo"
    assert read(OFFER[10:40], HEARD_OFFER).meaning == "echo"
    assert (
        read("【别的银行】您尾号1234的卡本期账单已出，请登录手机银行查看并按时还款。", NOTHING_ASKED).meaning == "echo"
    )


def test_a_code_that_comes_back_in_our_own_words_is_an_echo() -> None:
    """We keep a place where it stood; taken for a question, it would cost the next code, and the next."""
    asked = "【示例银行】为保护您的信息，请在5分钟内回复验证码 {} 查询额度。也可登录手机银行>贷款>我的额度。"
    hearing = replace(NOTHING_ASKED, last_said=asked.format("{code}"))
    assert read(asked.format("030805"), hearing).meaning == "echo"
    assert read(asked.format("030805")[:40], hearing).meaning == "echo"
    assert read(asked.format("030805") + " 030805", hearing).values.code == "030805"


@mark.parametrize(
    ("own", "meaning"),
    [("TD", "opt_out"), ("\nR", "opt_out"), ("\n额度怎么查", "quota_query"), (" 这是真的吗", "fraud_suspect")],
)
def test_what_a_customer_adds_to_a_quotation_counts(own: str, meaning: str) -> None:
    assert read(OFFER + own, replace(HEARD_OFFER, refusal_words=frozenset({"R"}))).meaning == meaning


def test_a_short_piece_of_our_text_is_meant() -> None:
    assert read("回复R", replace(HEARD_OFFER, refusal_words=frozenset({"R"}))).meaning == "opt_out"
