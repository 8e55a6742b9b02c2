"""The placeholders of a template, and what stands where one has no value."""

from __future__ import annotations

from dataclasses import dataclass

from app.care.placeholders import ALWAYS, PLACEHOLDERS, marks, named
from app.care.template import Template
from app.web.console.care import templates_named as called


@dataclass(frozen=True, slots=True)
class Mark:
    """A placeholder. `certain`: it always has a value. `fallback`: empty when without a value the text does not
    leave."""

    name: str
    meaning: str
    type: str
    certain: bool
    fallback: str
    used: bool


def placeholders(template: Template) -> list[Mark]:
    """All there are, those of the text first."""
    used = [named(mark)[0] for mark in marks(template.words)]
    ordered = [*dict.fromkeys(name for name in used if name in PLACEHOLDERS)]
    ordered += [name for name in PLACEHOLDERS if name not in ordered]
    return [
        Mark(
            name,
            str(called.PLACEHOLDERS.get(name, name)),
            str(called.TYPES[PLACEHOLDERS[name].type]),
            name in ALWAYS or name == "link",
            template.fallbacks.get(name, ""),
            name in used,
        )
        for name in ordered
    ]
