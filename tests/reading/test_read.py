"""The whole of reading: the order of its stages, and that nothing can break it."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import mark

from app.flows.reading import SURE, Hearing, Option, read
from tests.reading.tables import NOTHING_ASKED, NOW

ANYTHING = st.text(st.characters(), max_size=300) | st.text(
    st.sampled_from("别不要再发给我短信退订TDstop 1234567890，。？怎么还款额度"), max_size=60
)
HEARINGS = st.builds(
    Hearing,
    now=st.just(NOW),
    expects=st.sampled_from(["nothing", "choice", "yes_no", "code", "when", "date", "last4", "free"]),
    options=st.lists(
        st.builds(Option, name=st.just("x"), key=st.text(max_size=2), words=st.tuples(st.text(max_size=6))), max_size=3
    ).map(tuple),
    refusal_words=st.frozensets(st.sampled_from(["T", "R", "N", "0000"])),
    last_said=st.text(max_size=80),
)


@settings(max_examples=300, deadline=None)
@given(text=ANYTHING, hearing=HEARINGS)
def test_read_never_raises(text: str, hearing: Hearing) -> None:
    reading = read(text, hearing)
    assert 0 <= reading.score <= 1
    assert "\x00" not in reading.values.said
    reading.values.said.encode("utf-8")  # no lone surrogates reach the store


@mark.parametrize(
    "text",
    [
        "😀" * 1600,
        "\x00" * 100,
        "\ud83d" * 50,
        "退订" * 800,
        "1" * 1600,
        "别" * 1600,
        "a " * 800,
        "(" * 1600,
        "𠮷" * 1600,
        "don't " * 266,
        "?" * 1600,
    ],
)
def test_long_and_broken_texts(text: str) -> None:
    assert read(text, NOTHING_ASKED).meaning


@mark.parametrize("text", ["", "   ", "\u200b", "。。。", "[图片]"[:0], "!!!", "😂"])
def test_texts_without_words(text: str) -> None:
    assert read(text, NOTHING_ASKED).meaning == "empty"


def test_what_was_said_is_kept_without_secrets() -> None:
    assert read("卡号4111 1111 1111 1111，怎么还款", NOTHING_ASKED).values.said == "卡号****1111，怎么还款"
    assert read("  好的\u200b ", NOTHING_ASKED).values.said == "好的"


def test_a_secret_is_answered_as_one() -> None:
    assert read("我的密码是123456", NOTHING_ASKED).meaning == "secret_sent"
    assert read("怎么修改密码", NOTHING_ASKED).meaning == "out_of_scope"


def test_values_beside_a_meaning() -> None:
    promise = read("25号发工资就还5000元", NOTHING_ASKED)
    assert (promise.meaning, promise.values.day, promise.values.amount) == (
        "promise_to_pay",
        date(2026, 11, 25),
        Decimal(5000),
    )
    callback = read("明天下午三点打我另一个号13900139000", NOTHING_ASKED)
    assert callback.meaning == "callback_request"
    assert callback.values.phone == "+8613900139000"
    assert callback.values.when is not None and callback.values.when.start.hour == 15


def test_a_lifted_refusal_knows_its_scope() -> None:
    assert read("恢复所有短信提醒", NOTHING_ASKED).values.scope == "all"
    assert read("HF", NOTHING_ASKED).values.scope == "commercial"


@mark.parametrize(("text", "meaning"), [("不要", "no"), ("好", "yes"), ("好的", "thanks_ack"), ("👍", "yes")])
def test_short_answers_when_nothing_was_asked(text: str, meaning: str) -> None:
    assert read(text, NOTHING_ASKED).meaning == meaning


@mark.parametrize("text", ["明天下午三点", "后天上午", "周五", "tomorrow at 3pm"])
def test_a_time_alone_is_no_sure_promise(text: str) -> None:
    reading = read(text, NOTHING_ASKED)
    assert (reading.meaning, reading.score >= SURE) != ("promise_to_pay", True)


def test_a_time_after_a_reminder_is_one() -> None:
    reading = read("明天下午三点", Hearing(NOTHING_ASKED.now, last_said="您的贷款9月25日应还3,260.00元，请按时还款。"))
    assert (reading.meaning, reading.score >= SURE) == ("promise_to_pay", True)


@mark.parametrize("text", ["人呢", "有没有人", "我要报警", "报案"])
def test_who_calls_for_somebody_is_heard_beside_an_open_question(text: str) -> None:
    asked = Hearing(NOTHING_ASKED.now, expects="code")
    assert read(text, asked).meaning in {"human_agent", "fraud_suspect"}
