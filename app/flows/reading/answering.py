"""The text that a customer is likely answering, and what it makes likelier when the answer itself says little.

"怎么弄" under an offer asks how to take it up; under a reminder it asks how to pay. Topics and weights are in
`lexicon/answering.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from app.flows.reading import rules
from app.flows.reading.meaning import Meaning
from app.flows.reading.normalise import has_han, normalise

SHORT = {True: 6, False: 18}
"""Characters, of Chinese or not, up to which an answer leans fully on our text; twice as many speak for themselves."""


@cache
def _topics() -> tuple[tuple[str, re.Pattern[str], Mapping[Meaning, float]], ...]:
    return tuple(
        (topic["name"], re.compile(topic["any"]), topic["leans"]) for topic in rules.table("answering")["topic"]
    )


@lru_cache(maxsize=512)
def topic_of(said: str) -> str:
    """What a text of ours was about: a topic of `lexicon/answering.toml`, or empty when none is known."""
    plain = normalise(said)
    return next((name for name, words, _ in _topics() if words.search(plain)), "")


_ASKS_TO_PAY = frozenset({"reminder", "hardship", "promise"})


def names_paying(text: str, said: str) -> bool:
    """Whether a normalised `text` names paying, or answers a text of ours that asked for it."""
    return _pays().search(text) is not None or asks_to_pay(said)


def asks_to_pay(said: str) -> bool:
    """Whether a text of ours was about a payment that is due."""
    return topic_of(said) in _ASKS_TO_PAY


@cache
def _pays() -> re.Pattern[str]:
    return re.compile(rules.table("answering")["pays"])


def leaning(text: str, said: str) -> Mapping[Meaning, float]:
    """What to add to each meaning's logit for a normalised `text` that answers `said`, our last text.

    Empty when we said nothing, or nothing of a known topic, and when `text` is long enough to speak for itself.
    """
    short = SHORT[has_han(text)]
    share = min(1.0, (2 * short - len(text)) / short)
    topic = topic_of(said) if said and share > 0.0 else ""
    leans: Mapping[Meaning, float] = next((leans for name, _, leans in _topics() if name == topic), {})
    return {meaning: share * lean for meaning, lean in leans.items()}
