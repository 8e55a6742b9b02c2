"""Free text to a meaning, by weighted patterns (`lexicon/zh-CN.toml`, `lexicon/en.toml`).

The rules are one voice of two: `reader.py` weighs them with the trained model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

from app.flows.reading import rules
from app.flows.reading.meaning import Meaning, Reading
from app.flows.reading.normalise import bare, has_han
from app.flows.reading.remembered import remembered

REQUESTS: frozenset[Meaning] = frozenset({
    "quota_query", "renew_limit", "repayment_how", "repayment_amount", "repayment_date", "early_repayment",
    "overdue_negotiate", "rate_question", "campaign_interest", "status_of_application", "close_product",
    "callback_request", "human_agent", "complaint", "opt_in", "info_update", "code_not_received",
})  # fmt: skip
"""Meanings that ask for something: only these are kept beside another one of the same text."""

AND_ALSO = re.compile(
    r",?\s*(?:顺便|另外|还有(?!多少|几|没)|以及|并且|同时|然后|再(?=帮我|给我)|也(?=帮我|给我))"
    r"|\s*\b(?:and also|also|and then|btw|by the way|plus|and (?=(?:call|can|could|please|pls|what|how|when|i )))\b"
)
"""Words that join a second request to the first: 顺便, 另外, "and also"."""


def whole_text(text: str) -> Reading | None:
    """The meaning of a normalised text that is, letters and digits only, one word of the lexicon ("好的", "在吗")."""
    word = bare(text)
    for file in _files(text):
        for meaning in _words(file).get(word, ()):
            return Reading(meaning, 0.98, (f"word:{word}",))
    return None


@remembered
def scores(text: str) -> tuple[Mapping[Meaning, float], Mapping[Meaning, str]]:
    """The best rule of each meaning that matches a normalised text: its score and its name."""
    found: dict[Meaning, float] = {}
    reasons: dict[Meaning, str] = {}
    word = bare(text)
    for file in _files(text):
        for meaning in _words(file).get(word, ()):
            found[meaning] = 0.98
            reasons[meaning] = f"word:{word}"
        if found:
            break
        for rule in rules.rules(file):
            meaning = cast(Meaning, rule.meaning)
            if rule.score > found.get(meaning, 0.0) and rule.holds(text, (text,)):
                found[meaning] = rule.score
                reasons[meaning] = f"rule:{rule.name}"
    return found, reasons


def _files(text: str) -> tuple[str, ...]:
    if has_han(text):
        return ("zh-CN",)
    return ("en", "zh-CN")  # pinyin and "3q" are written in Latin letters


@cache
def _words(file: str) -> Mapping[str, tuple[Meaning, ...]]:
    found: dict[str, tuple[Meaning, ...]] = {}
    for meaning, words in rules.table(file)["words"].items():
        for word in words:
            found[bare(word)] = (*found.get(bare(word), ()), cast(Meaning, meaning))
    return found
