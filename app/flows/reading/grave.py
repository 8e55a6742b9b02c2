"""Words that call for a person at once: a life in danger, a death, a theft (`lexicon/grave.toml`)."""

from __future__ import annotations

from typing import Literal, cast

from app.flows.reading import rules
from app.flows.reading.remembered import remembered

Grave = Literal["despair", "bereaved", "robbed"]


@remembered
def grave(text: str) -> Grave | None:
    """What is grave in a normalised text, the first kind of the file that holds, or None, which is almost always."""
    clauses = rules.clauses_of(text)
    for rule in rules.rules("grave"):
        if rule.holds(text, clauses):
            return cast(Grave, rule.meaning)
    return None
