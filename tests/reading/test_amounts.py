from decimal import Decimal

from pytest import mark

from app.flows.reading.amounts import find_amount, find_last4, find_phone
from app.flows.reading.normalise import normalise
from app.flows.reading.numbers import integer


@mark.parametrize(
    ("text", "amount"),
    [
        ("5,360元", "5360"),
        ("五千", "5000"),
        ("2万", "20000"),
        ("1.5w", "15000"),
        ("2万5", "25000"),
        ("我还了五千块", "5000"),
        ("1000 rmb", "1000"),
        ("¥200.50", "200.5"),
        ("二百五十元", "250"),
        ("两万", "20000"),
        ("3k", "3000"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    assert find_amount(normalise(text)) == Decimal(amount)


@mark.parametrize("text", ["12期", "万一", "明天三点", "1", "尾号1234", "13800138000", "一点"])
def test_no_amounts(text: str) -> None:
    assert find_amount(normalise(text)) is None


@mark.parametrize(
    ("text", "phone"),
    [
        ("打13900139000", "+8613900139000"),
        ("打我另一个号138-0013-8000", "+8613800138000"),
        ("+1 415 555 2671", "+14155552671"),
        ("卡6222021234567", None),
        ("95588", None),
        ("138****0000", None),
    ],
)
def test_phones(text: str, phone: str | None) -> None:
    assert find_phone(normalise(text)) == phone


def test_tails_keep_leading_zeros() -> None:
    assert find_last4(normalise("尾号：0012的卡")) == "0012"


@mark.parametrize(
    ("word", "number"),
    [
        ("十二", 12),
        ("两千五", 2500),
        ("三万二", 32000),
        ("一百零五", 105),
        ("一二三四", 1234),
        ("twelve", 12),
        ("贷", None),
    ],
)
def test_number_words(word: str, number: int | None) -> None:
    assert integer(word) == number
