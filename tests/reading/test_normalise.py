from hypothesis import given
from hypothesis import strategies as st
from pytest import mark

from app.flows.reading.normalise import LONGEST, bare, normalise

ANY_TEXT = st.text(st.characters(), max_size=200)


@mark.parametrize(
    ("text", "expected"),
    [
        ("ＴＤ", "td"),
        ("Ｔ　Ｄ", "td"),
        ("T.D.", "td"),
        ("S T O P", "stop"),
        ("退 订", "退订"),
        ("退\u200b订\ufe0f", "退订"),
        ("退\u00ad訂！！！！", "退订"),
        ("ＣＣ额度＃１２３４", "cc额度#1234"),
        ("  还款\u3000\u00a0怎么\t还 ", "还款 怎么 还"),
        ("額度、帳單、賬單", "额度、帐单、账单"),
        ("①", "1"),
        ("什么意思？？？", "什么意思?"),
        ("？", "?"),
        ("\ud83d额度\x00", "额度"),
        ("3.5", "3.5"),
        ("Don’t", "don't"),
        ("", ""),
    ],
)
def test_the_matching_form(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


def test_long_texts_are_cut_before_any_pattern_sees_them() -> None:
    assert len(normalise("退订 " * 5000)) <= LONGEST
    assert len(normalise("\ufdfa" * LONGEST)) <= LONGEST  # one sign that unfolds to eighteen


def test_bare_keeps_letters_and_digits_only() -> None:
    assert bare("t-d, #1234!") == "td1234"
