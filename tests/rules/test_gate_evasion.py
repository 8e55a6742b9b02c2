"""Attempts to get past the gate: a table, and inserted separators of every kind."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.gate.form import packed
from app.rules.gate.lists import GAP, load
from tests.rules.drafts import codes, lines, verdict

_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(n)|(\\))")


def written(line: str) -> str:
    """The table's escapes as the characters that they stand for."""

    def char(match: re.Match[str]) -> str:
        return chr(int(match[1] or match[2], 16)) if match[1] or match[2] else "\n" if match[3] else "\\"

    return _ESCAPE.sub(char, line)


ATTEMPTS = [tuple(line.split("\t", 1)) for line in lines("evasions.txt")]
REFUSED = [entry for entry in load() if entry.code in ("forbidden_words", "over_promise")]
NUMBER_MARKS = set(".,:/-–—")
SEPARATORS = [
    char
    for char in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(char)[0] in "ZPSC" and not packed(char) and unicodedata.category(char) not in ("Cn", "Co")
]


@pytest.mark.parametrize(("code", "line"), ATTEMPTS)
def test_an_attempt_is_refused(code: str, line: str) -> None:
    words = written(line)
    language = "zh-CN" if re.search("[一-鿿]", words) else "en"
    said = verdict(words, language=language)
    assert code in {reason.code for reason in said.refusals}, said.reasons


def test_the_table_is_long_enough() -> None:
    assert len(ATTEMPTS) >= 150


def around(entry_word: str) -> str:
    """A text around a word in which nothing denies or continues it."""
    return f"您好 {entry_word} 谢谢"


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry.word)
def test_every_entry_is_found_as_it_stands(entry) -> None:  # type: ignore[no-untyped-def]
    assert entry.code in codes(around(entry.word.replace(GAP, "这里")))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_separators_do_not_hide_a_word(data: st.DataObject) -> None:
    entry = data.draw(st.sampled_from(REFUSED))
    word = entry.word.replace(GAP, "")
    separator = st.text(st.sampled_from(SEPARATORS), max_size=3)
    shown = ""
    for char, following in zip(word, [*word[1:], ""], strict=True):
        between = data.draw(separator)
        if entry.has_digit:
            between = "".join(one for one in between if one not in NUMBER_MARKS and packed("1" + one + "2") == "12")
            between = "".join(" " if unicodedata.category(one)[0] in "ZPSC" else one for one in between)[:1]
        shown += char + (between if following else "")
    said = verdict(around(shown))
    found = [reason for reason in said.refusals if reason.code == entry.code]
    assert found, (entry, shown)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(REFUSED), st.sampled_from(SEPARATORS))
def test_the_reported_words_are_those_of_the_text(entry, separator) -> None:  # type: ignore[no-untyped-def]
    if entry.has_digit:
        return
    shown = separator.join(entry.word.replace(GAP, ""))
    said = verdict(around(shown))  # the body has one kind of line end
    found = [reason.words for reason in said.refusals if reason.code == entry.code]
    assert any(words in said.body for words in found)
