"""How a customer feels, as far as the words show it: for the order of the queue and the eye of the agent.

A lexicon with weights (`lexicon/mood.toml`), denials, and what gives words force: intensifiers, marks, capitals.
A false "angry" is worse than a miss: it moves somebody ahead of others, and tells the agent to expect a quarrel.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

from app.flows.reading import rules
from app.flows.reading.normalise import normalise

Mood = Literal["", "worried", "angry"]

ENOUGH = 1.0
_FORCE = 0.2
"""What an intensifier, repeated marks or capitals add to a feeling that is there; on their own they are none."""
_SECOND = 0.4
"""What each further feeling of the same mood adds."""
_LOOK_BACK = 16
_MARKS = re.compile(r"[!！]\s*[!！?？]|[?？]\s*[?？!！]")
_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_LOWER = re.compile(r"[a-z]")
_LEAST_CAPITALS = 3


class _Feeling(NamedTuple):
    mood: Mood
    weight: float
    any: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def _feelings() -> tuple[_Feeling, ...]:
    found = []
    for entry in rules.table("mood")["feeling"]:
        wanted = rules.joined(entry["any"], {})
        if wanted is None or entry["mood"] not in ("worried", "angry"):
            raise ValueError(f"mood.toml: feeling {entry.get('name')}: needs `any`, and a mood worried or angry")
        found.append(_Feeling(entry["mood"], float(entry["weight"]), wanted, rules.joined(entry.get("unless", ()), {})))
    return tuple(found)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What denies, and what gives force."""
    table = rules.table("mood")
    denial, force = rules.joined(table["denial"], {}), rules.joined(table["force"], {})
    if denial is None or force is None:
        raise ValueError("mood.toml: needs denial and force")
    return denial, force


def mood_of(text: str) -> Mood:
    """The mood that a customer's text shows, as it came: "" when it shows none, which is most often."""
    felt = scores(text)
    if felt["angry"] >= ENOUGH:
        return "angry"
    return "worried" if felt["worried"] >= ENOUGH else ""


def scores(text: str) -> dict[Mood, float]:
    """How strongly a text shows each mood; `ENOUGH` and more is shown."""
    plain = normalise(text)
    clauses = rules.clauses_of(plain)
    denial, force = _patterns()
    felt: dict[Mood, float] = {"angry": 0.0, "worried": 0.0}
    for feeling in _feelings():
        if any(_shows(feeling, clause, denial) for clause in clauses):
            more = felt[feeling.mood]
            felt[feeling.mood] = feeling.weight if not more else max(more, feeling.weight) + _SECOND
    weight = _FORCE * (bool(force.search(plain)) + bool(_MARKS.search(text)) + _shouts(text))
    return {mood: round(score + weight, 2) if score else 0.0 for mood, score in felt.items()}


def _shows(feeling: _Feeling, clause: str, denial: re.Pattern[str]) -> bool:
    if feeling.unless and feeling.unless.search(clause):
        return False
    return any(
        not denial.search(clause[max(0, match.start() - _LOOK_BACK) : match.start()])
        for match in feeling.any.finditer(clause)
    )


def _shouts(text: str) -> bool:
    return not _LOWER.search(text) and len(_CAPITALS.findall(text)) >= _LEAST_CAPITALS
