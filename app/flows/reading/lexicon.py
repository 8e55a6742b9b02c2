"""Free text to a meaning, by weighted patterns (`lexicon/zh-CN.toml`, `lexicon/en.toml`).

One exchangeable stage: a trained reader takes the place of `understand` and nothing else changes. Rather than
guess, it answers `out_of_scope` with a low score and what the text may have been about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import cast

from app.flows.reading import rules
from app.flows.reading.meaning import SURE, Meaning, Reading
from app.flows.reading.normalise import bare, has_han

REQUESTS: frozenset[Meaning] = frozenset({
    "quota_query", "renew_limit", "repayment_how", "repayment_amount", "repayment_date", "early_repayment",
    "overdue_negotiate", "rate_question", "campaign_interest", "status_of_application", "close_product",
    "callback_request", "human_agent", "complaint", "opt_in", "info_update", "code_not_received",
})  # fmt: skip
"""Meanings that ask for something: only these are kept beside another one of the same text."""

LOST = 0.3
"""Score of "I did not understand": far below `SURE`, so that the engine says so."""

_AND_ALSO = re.compile(
    r",?\s*(?:顺便|另外|还有(?!多少|几|没)|以及|并且|同时|然后|再(?=帮我|给我)|也(?=帮我|给我))"
    r"|\s*\b(?:and also|also|and then|btw|by the way|plus|and (?=(?:call|can|could|please|pls|what|how|when|i )))\b"
)
_BREAK = re.compile(r"[。!?;,\n]+|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff]{3})")


def understand(text: str) -> Reading:
    """The meaning of a normalised text that is no refusal, answer or command. Never raises.

    `also` holds further requests in the order in which they were made; `likely` up to three other meanings.
    """
    scores, reasons = _scores(text)
    if not scores:
        return Reading("out_of_scope", LOST, ("nothing matched",), likely=_hints(text))
    meaning = max(scores, key=lambda candidate: scores[candidate])
    score = scores[meaning]
    likely = {other: scores[other] for other in sorted(scores, key=lambda m: -scores[m]) if other in REQUESTS}
    likely = dict(list(likely.items())[:3])
    if score < SURE:
        return Reading("out_of_scope", LOST, (f"unsure:{meaning}",), likely=likely or _hints(text))
    if meaning in REQUESTS:
        joined = _requests(_AND_ALSO.split(text))
        if len(joined) > 1:  # "额度多少，顺便给我回个电话": the first is what they came for
            return replace(joined[0], also=tuple(joined[1:]), likely=likely)
        also = tuple(other for other in _requests(_BREAK.split(text)) if other.meaning != meaning)
    else:
        also = ()
    likely.pop(meaning, None)
    return Reading(meaning, score, (reasons[meaning],), also=also, likely=likely)


def _scores(text: str) -> tuple[dict[Meaning, float], dict[Meaning, str]]:
    """The best rule of each meaning that matched, and its name."""
    scores: dict[Meaning, float] = {}
    reasons: dict[Meaning, str] = {}
    word = bare(text)
    for file in _files(text):
        for meaning in _words(file).get(word, ()):
            scores[meaning] = 0.98
            reasons[meaning] = f"word:{word}"
        if scores:
            break
        for rule in rules.rules(file):
            meaning = cast(Meaning, rule.meaning)
            if rule.score > scores.get(meaning, 0.0) and rule.holds(text, (text,)):
                scores[meaning] = rule.score
                reasons[meaning] = f"rule:{rule.name}"
    return scores, reasons


def _requests(parts: list[str]) -> list[Reading]:
    """The different requests that the parts of one text make, in their order; none for a text in one part."""
    parts = [part.strip() for part in parts if len(part.strip()) > 2]
    found: dict[Meaning, Reading] = {}
    for part in parts[:6] if len(parts) > 1 else ():
        scores, reasons = _scores(part)
        if scores:
            meaning = max(scores, key=lambda candidate: scores[candidate])
            if meaning in REQUESTS and scores[meaning] >= 0.9:
                found.setdefault(meaning, Reading(meaning, scores[meaning], (reasons[meaning],)))
    return list(found.values())


def _hints(text: str) -> Mapping[Meaning, float]:
    found: dict[Meaning, float] = {}
    for hint in rules.table("hints")["hint"]:
        if re.search(hint["any"], text):
            for meaning in hint["likely"]:
                found.setdefault(cast(Meaning, meaning), 0.3)
    return dict(list(found.items())[:3])


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
