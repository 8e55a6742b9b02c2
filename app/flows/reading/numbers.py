"""Chinese and Latin number words to integers."""

from __future__ import annotations

import re

_DIGITS = {
    "零": 0, "〇": 0, "一": 1, "壹": 1, "幺": 1, "二": 2, "两": 2, "贰": 2, "俩": 2, "三": 3, "叁": 3, "仨": 3,
    "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_ENGLISH = {
    "zero": 0, "one": 1, "first": 1, "two": 2, "second": 2, "three": 3, "third": 3, "four": 4, "fourth": 4,
    "five": 5, "fifth": 5, "six": 6, "sixth": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12,
}  # fmt: skip

_ONE = "".join(_DIGITS)
HAN_NUMBER = "[零〇一二两三四五六七八九十百千万壹贰叁肆伍陆柒捌玖拾佰仟]+"
"""Pattern piece: a run of Chinese number characters, after traditional forms were simplified."""

_ALL_HAN = re.compile(HAN_NUMBER)
_HAN_DIGITS = re.compile(rf"(?<![{_ONE}十百千万])[{_ONE}](?:[ ,]?[{_ONE}]){{3,}}(?![{_ONE}十百千万])")
_LATIN_DIGITS = re.compile(
    r"\b(?:{0})(?:[ ,-]+(?:{0})){{3,}}\b".format("zero|oh|one|two|three|four|five|six|seven|eight|nine")
)


def integer(word: str) -> int | None:
    """`"12"`, `"十二"`, `"两千五"`, `"twelve"` -> the number; None when `word` is none.

    "两千五" is 2500 and "三万二" 32000: a last bare digit counts one unit below the unit before it.
    """
    if word.isascii():
        return int(word) if word.isdigit() and len(word) < 16 else _ENGLISH.get(word)
    if not _ALL_HAN.fullmatch(word) or len(word) > 16:
        return None
    total = part = digit = 0
    last_unit = 1
    for char in word:
        if char in _DIGITS:
            if digit and last_unit == 1:  # "一二三四": read digit by digit
                return int("".join(str(_DIGITS[c]) for c in word)) if set(word) <= set(_DIGITS) else None
            digit = _DIGITS[char]
            if char in "零〇":
                last_unit = 1
        elif char in _UNITS:
            part += (digit or 1) * _UNITS[char]
            digit, last_unit = 0, _UNITS[char]
        else:  # 万
            total += (part + digit or 1) * 10000
            part, digit, last_unit = 0, 0, 10000
    if digit and last_unit > 10:
        digit *= last_unit // 10
    return total + part + digit


def spelt_out(text: str) -> str | None:
    """The digits that a normalised text spells one by one ("四八二一", "four eight two one"), or None."""
    if match := _HAN_DIGITS.search(text):
        return "".join(str(_DIGITS[char]) for char in match[0] if char in _DIGITS)
    if match := _LATIN_DIGITS.search(text):
        return "".join(str(_ENGLISH.get(word, 0)) for word in re.findall("[a-z]+", match[0]))
    return None
