"""What is said beside a refusal: the rest of "退订，我要投诉" is heard too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from app.flows.reading import lexicon, rules
from app.flows.reading.answering import asks_to_pay
from app.flows.reading.meaning import Hearing, Meaning, Reading
from app.flows.reading.reader import CLEAR, DOUBTED, alone, asks
from app.flows.reading.refusals import refusal

_JOINED = re.compile(rf"{lexicon.AND_ALSO.pattern}|(?<=[a-z]) +(?=[\u4e00-\u9fff])")
_BY_RULE: frozenset[Meaning] = frozenset({"complaint", "fraud_suspect"})
_ASKED: frozenset[Meaning] = lexicon.REQUESTS - _BY_RULE - {"opt_in", "campaign_interest"}


def beside(text: str, hearing: Hearing) -> tuple[Reading, ...]:
    """What the parts of a normalised text that refuse nothing clearly say, each meaning once.

    Anger is no wish: a complaint, or a suspicion, is one by the words of `lexicon/beside.toml` alone.
    """
    rest = tuple(_rest(text, Hearing(hearing.now)))
    if not rest:
        return ()
    by_rule = [rule for rule in rules.rules("beside") if rule.holds(text, rest)]
    if not asks_to_pay(hearing.last_said):  # "早就还清了，别发了" to an offer is about a loan of long ago
        by_rule = [rule for rule in by_rule if rule.meaning != "already_paid"]
    found = [Reading(cast(Meaning, rule.meaning), rule.score, (f"rule:{rule.name}",)) for rule in by_rule]
    found += [said for part in rest if _counts(said := alone(part), part)]
    return tuple({said.meaning: said for said in found}.values())


def _counts(said: Reading, part: str) -> bool:
    if said.meaning == "wrong_person":
        return said.score > DOUBTED  # words say so, and whoever refuses beside them has no use for our texts
    return said.meaning in _ASKED and said.score >= CLEAR and asks(part)


def _rest(text: str, hearing: Hearing) -> Iterator[str]:
    for clause in rules.clauses_of(text):
        if refusal(clause, hearing) is None:
            yield clause
            continue
        parts = _JOINED.split(clause)
        others = [part for part in parts if refusal(part, hearing) is None]
        if len(others) < len(parts):  # "不要再给我打电话" is one refusal
            yield from others
