import re

from hypothesis import given
from hypothesis import strategies as st
from pytest import mark

from app.flows.reading.masking import luhn, mask


@mark.parametrize(
    ("text", "stored"),
    [
        ("我的卡号4111111111111111谢谢", "我的卡号****1111谢谢"),
        ("4111 1111 1111 1111", "****1111"),
        ("4111-1111-1111-1111", "****1111"),
        ("４１１１１１１１１１１１１１１１", "****１１１１"),
        ("4111\u200b1111\u200b1111\u200b1111", "****1111"),
        ("13800138000 4111111111111111", "13800138000 ****1111"),
        ("我的卡号是6222021234567890123，还不了款", "我的卡号是****0123，还不了款"),
        ("银行卡 6222 0212 3456 7890 13800138000", "银行卡 ****7890 13800138000"),
        ("my card number is 6222-0212-3456-7891", "my card number is ****7891"),
        ("密码是123456", "密码是****"),
        ("我的密码：abc123", "我的密码：****"),
        ("取款密码889911", "取款密码****"),
        ("password: abc123", "password: ****"),
        ("my password is hunter2", "my password is ****"),
        ("pwd=secret", "pwd=****"),
        ("CVN 123", "CVN ****"),
        ("身份证110101199003077758", "身份证****"),
    ],
)
def test_secrets_are_masked(text: str, stored: str) -> None:
    masked = mask(text)
    assert masked.found
    assert masked.text.replace("1111", "１１１１") == stored.replace("1111", "１１１１")


@mark.parametrize(
    "text",
    [
        "13800138000",
        "+86 138 0013 8000",
        "13800138000 13900139000",
        "5,360.00元",
        "50000",
        "482913",
        "验证码 4821",
        "动态密码482913",
        "one time password 482913",
        "密码忘了怎么办",
        "密码错误3次",
        "password reset",
        "how do I change my PIN?",
        "2026-11-18 15:30",
        "尾号1234",
        "卡号尾号8000",
        "账号8613800138000",
        "账号 13800138000 482913",
        "happiness 12345",
    ],
)
def test_what_the_conversation_needs_stays(text: str) -> None:
    assert mask(text) == (text, ())


def _with_check_digit(digits: str) -> str:
    return next(digits + check for check in "0123456789" if luhn(digits + check))


PANS = st.text("0123456789", min_size=12, max_size=18).filter(lambda d: len(set(d)) > 1).map(_with_check_digit)


@given(
    before=st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=20),
    pan=PANS,
    gap=st.sampled_from(["", " ", "-", "\u200b"]),
)
def test_no_card_number_gets_through(before: str, pan: str, gap: str) -> None:
    written = gap.join(pan[at : at + 4] for at in range(0, len(pan), 4))
    stored = mask(f"{before}{written}。").text
    digits_left = re.sub(r"\D", "", stored)
    assert pan not in digits_left
    assert written not in stored


@given(st.text(max_size=120) | st.from_regex(r"(密码|password|卡号|pin)[是: =]{0,2}[\d \-]{3,40}", fullmatch=True))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once
