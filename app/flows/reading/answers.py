"""The answer to the open question, if the text is one. Whatever was asked, the words of an option win."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from app.flows.reading import rules
from app.flows.reading.amounts import find_last4
from app.flows.reading.meaning import Hearing, Meaning, Option, Reading, Values
from app.flows.reading.normalise import bare, normalise
from app.flows.reading.numbers import HAN_NUMBER, integer, spelt_out
from app.flows.reading.times import find_day, find_when

_FILE = "answers"
DECLINED = "declined"
"""Reason of a `no` that names what is not wanted: "我不要提额"."""
_CODE = re.compile(r"(?<![\d.,#*:/\-])(\d{6}|\d{4})(?![\d.,:/\-]\d|\d|[元块年月日%])")
_SPACED_CODE = re.compile(r"(?:\d[ \-]?){6}|(?:\d[ \-]?){4}")
_LAST4 = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_KEY_AND_REST = re.compile(r"(?P<key>\d{1,2}|[a-z])[\s.,、:)）\]】\-]*(?P<rest>\D.*)")


def answer(text: str, hearing: Hearing) -> Reading | None:
    """The answer in a normalised text to `hearing.expects`, or None.

    yes/no give `yes` and `no`, codes `otp_code`; every other answer is `number_choice`, with its value in
    `values` and "answer:<kind>" as its first reason.
    """
    if hearing.options and (chosen := _choice(text, hearing.options)):
        return chosen
    reader = _READERS.get(hearing.expects)
    return reader(text, hearing) if reader else None


def yes_or_no(text: str) -> Reading | None:
    """`yes` or `no` when that is all that a normalised text says, or None."""
    word = bare(text)
    meanings: tuple[Meaning, Meaning] = ("yes", "no")
    for meaning in meanings:
        if word and word in _set(meaning):
            return Reading(meaning, 1.0, (f"word:{word}",))
        if not word and any(char in rules.table(_FILE)[f"{meaning}_emoji"] for char in text):
            return Reading(meaning, 0.95, ("emoji",))
    return Reading("no", 0.9, (DECLINED,)) if _pattern("declined").fullmatch(text) else None


def emoji(text: str) -> Reading | None:
    """What a text without words means by its pictures, beside yes and no: thanks, or a question mark."""
    if any(char in rules.table(_FILE)["help_emoji"] for char in text):
        return Reading("help", 0.9, ("emoji",))
    if any(char in rules.table(_FILE)["thanks_emoji"] for char in text):
        return Reading("thanks_ack", 0.9, ("emoji",))
    return None


def acknowledged(text: str) -> bool:
    """Whether a normalised text only says that it was read: 好, 嗯, 👍."""
    word = bare(text)
    return word in _set("acknowledged") if word else any(char in rules.table(_FILE)["yes_emoji"] for char in text)


def _choice(text: str, options: tuple[Option, ...]) -> Reading | None:
    word = bare(text)
    for option in options:
        if word and word in _said(option):
            return _chosen(option, 1.0)
    number = choice_number(text)
    if number is not None:
        for option in options:
            if normalise(option.key) == str(number):
                return _chosen(option, 1.0)
    if placed := _by_place(text, options) or _by_key_and_words(text, options):
        return _chosen(placed, 0.95)
    if worded := _by_words(word, text, options):
        return _chosen(worded, 0.85)
    return None


def choice_number(text: str) -> int | None:
    """The number when a normalised text only names one: "2", "二", "第二个", "我选2", "#2", "number two please"."""
    if len(text) > 24:
        return None
    match = _number_pattern().fullmatch(text)
    return integer(match["n"]) if match else None


@cache
def _number_pattern() -> re.Pattern[str]:
    words = rules.table(_FILE)["choice"]
    number = rf"\d{{1,2}}|{HAN_NUMBER}|one|two|three|four|five|six|seven|eight|nine|ten|first|second|third|fourth"
    return re.compile(
        rf"[#(（【\[]*(?:{words['before']})[\s:#]*(?P<n>{number})[)）】\].、]*[\s,]*{words['after']}[\s,]*(?:{words['after']})"
    )


def _by_place(text: str, options: tuple[Option, ...]) -> Option | None:
    numbered = [option for option in options if option.key.isdigit() and option.key != "0"] or list(options)
    words = rules.table(_FILE)["choice"]
    if text in words["first"]:
        return numbered[0]
    if text in words["last"]:
        return numbered[-1]
    return None


def _by_key_and_words(text: str, options: tuple[Option, ...]) -> Option | None:
    """ "1下一步", "2 谢谢", "1) mobile app": the key, then words that belong to the option or are only polite."""
    match = _KEY_AND_REST.fullmatch(text)
    if not match:
        return None
    rest = bare(match["rest"])
    for option in options:
        if normalise(option.key) == match["key"]:
            polite = re.fullmatch(rules.table(_FILE)["choice"]["after"], match["rest"].strip())
            if polite or any(rest in word or word in rest for word in _said(option) if len(word) > 1):
                return option
    return None


def _by_words(word: str, text: str, options: tuple[Option, ...]) -> Option | None:
    """The one option whose words the text contains, or that contains the text; None when two would do."""
    if len(word) < 2 or len(word) > 30 or re.search(rules.table(_FILE)["choice"]["not_chosen"], text):
        return None
    shortest = 3 if word.isascii() else 2
    fitting = []
    for option in options:
        for said in _said(option):
            inside = len(said) >= shortest and said in word and len(word) - len(said) <= (12 if word.isascii() else 6)
            if inside or (len(word) >= shortest and word in said and len(word) * 3 >= len(said)):
                fitting.append(option)
                break
    return fitting[0] if len(fitting) == 1 else None


@cache
def _said(option: Option) -> frozenset[str]:
    return frozenset(filter(None, (bare(normalise(said)) for said in (option.key, *option.words))))


def _chosen(option: Option, score: float) -> Reading:
    return Reading("number_choice", score, ("answer:choice",), Values(option=option.name))


def _offered_number(text: str, _hearing: Hearing) -> Reading | None:
    number = choice_number(text)
    if number is None:
        return None
    return Reading("number_choice", 0.9, ("number",), Values(number=number))


def _yes_no(text: str, hearing: Hearing) -> Reading | None:
    if found := yes_or_no(text):
        return found
    word = bare(text)
    if not hearing.options and word in {"1", "0", "2"}:
        return Reading("yes" if word == "1" else "no", 0.8, ("answer:yes_no",))
    opening = text.split(",")[0].split(" ")[0]
    found = yes_or_no(opening) if len(text) <= 16 and opening != text else None
    return replace(found, score=0.75, reasons=("answer:yes_no",)) if found else None


def _code(text: str, hearing: Hearing) -> Reading | None:
    if _SPACED_CODE.fullmatch(text):
        code: str | None = re.sub(r"\D", "", text)
    else:
        match = _CODE.search(text)
        # Of another length it is a number within words ("两次都是5360"), and uses up no try.
        fits = match is not None and len(text) <= 60 and hearing.code_digits in {0, len(match[1])}
        code = match[1] if match and fits else None
    if code is None and (spelt := spelt_out(text)) and len(spelt) in (4, 6):
        code = spelt
    if code is not None:
        return Reading("otp_code", 1.0, ("answer:code",), Values(code=code))
    if _pattern("nothing_came").fullmatch(text):
        return Reading("code_not_received", 0.9, ("nothing came",))
    return _waiting(text)


def _waiting(text: str) -> Reading | None:
    """ "等下", "I'm driving": no answer yet, and no other wish either. The question stays open without a word."""
    return Reading("thanks_ack", 0.9, ("asks to wait",)) if _pattern("wait").fullmatch(text) else None


def _when(text: str, hearing: Hearing) -> Reading | None:
    when = find_when(text, hearing.now)
    return Reading("number_choice", 0.95, ("answer:when",), Values(when=when)) if when else None


def _date(text: str, hearing: Hearing) -> Reading | None:
    day = find_day(text, hearing.now)
    return Reading("number_choice", 0.95, ("answer:date",), Values(day=day)) if day else None


def _last4(text: str, _hearing: Hearing) -> Reading | None:
    tail = find_last4(text)
    if tail is None:
        match = _LAST4.search(text)
        tail = match[1] if match and len(text) <= 20 else None
    if tail is None and (spelt := spelt_out(text)) and len(spelt) == 4:
        tail = spelt
    return Reading("number_choice", 1.0, ("answer:last4",), Values(last4=tail)) if tail else _waiting(text)


_READERS: dict[str, Callable[[str, Hearing], Reading | None]] = {
    "choice": _offered_number, "yes_no": _yes_no, "code": _code, "when": _when, "date": _date, "last4": _last4,
}  # fmt: skip


@cache
def _set(section: str) -> frozenset[str]:
    return frozenset(rules.table(_FILE)[section])


@cache
def _pattern(section: str) -> re.Pattern[str]:
    return re.compile("|".join(rules.table(_FILE)[section]))
