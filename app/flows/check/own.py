"""Faults in the bank's own words for a text that is shipped: the same rules as for the shipped ones, and stricter.

Whoever writes here sees no test fail, so a placeholder is known, has the form that fits it, stands in [brackets] when
its value may be missing, and the way on is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.flows.check.samples import MOST_PARTS, samples
from app.flows.check.words import placeholders, variants
from app.flows.library import Catalogue
from app.flows.texts import Unfilled
from app.flows.texts.form import BRACKETS
from app.flows.vocabulary import Choice, Say

Kind = Literal["empty", "braces", "unknown", "form", "bracket", "options", "hotline", "parts"]

FORMS: dict[str, dict[str, frozenset[str]]] = {
    "human.closed": {
        "customer": frozenset({"", "hello"}),
        "bank": frozenset({""}),
        "hotline": frozenset({""}),
        "caller": frozenset({""}),
        "opens": frozenset({"window", "day"}),
        "topic": frozenset({"opening"}),
        "options": frozenset({""}),
    },
    "human.sorry": {
        "customer": frozenset({"", "hello"}),
        "bank": frozenset({""}),
        "hotline": frozenset({""}),
        "caller": frozenset({""}),
        "topic": frozenset({"opening"}),
        "options": frozenset({""}),
    },
}
"""Placeholders of each text with their forms."""
NOTHING: Mapping[str, str] = MappingProxyType({})
MAY_LACK = frozenset({"topic", "options"})
"""These have no value in some turns: another question is open, or the customer asked for no topic."""


@dataclass(frozen=True, slots=True)
class OwnFault:
    """`what`: the placeholder at fault, or how many parts the text takes."""

    kind: Kind
    what: str = ""


def faults(
    catalogue: Catalogue,
    language: str,
    key: str,
    words: str,
    count: Callable[[str], int],
    known: Mapping[str, str] = NOTHING,
) -> list[OwnFault]:
    """What is wrong with `words` for the text `key`, most telling first; nothing when they can be said. `count` gives
    the parts of a text with its signature; `known` as in `readings`."""
    if not words.strip():
        return [OwnFault("empty")]
    try:
        used = placeholders(words)
    except ValueError:
        return [OwnFault("braces")]
    if set(BRACKETS.sub("", words)) & set("[]") or re.search(r"\{[^}]*!", words):
        return [OwnFault("braces")]
    found = list(_strays(key, words, used))
    names = {name for name, _ in used}
    if "options" not in names:
        found.append(OwnFault("options"))
    if "hotline" not in names:
        found.append(OwnFault("hotline"))
    if found:
        return found
    try:
        longest = max(count(said) for said in readings(catalogue, language, key, words, known))
    except (Unfilled, ValueError, KeyError, ArithmeticError):
        return [OwnFault("braces")]
    return [OwnFault("parts", str(longest))] if longest > MOST_PARTS else []


def _strays(key: str, words: str, used: set[tuple[str, str]]) -> Iterator[OwnFault]:
    for name, form in sorted(used):
        if name not in FORMS[key]:
            yield OwnFault("unknown", name)
        elif form not in FORMS[key][name]:
            yield OwnFault("form", f"{name}:{form}".rstrip(":"))
    for name in sorted({name for name, _ in placeholders(BRACKETS.sub("", words))} & MAY_LACK):
        yield OwnFault("bracket", name)


def readings(
    catalogue: Catalogue, language: str, key: str, words: str, known: Mapping[str, str] = NOTHING
) -> list[str]:
    """The text as customers can read it, without the signature: with the longest values, but those that are `known`
    because they are the same for every customer, and each bracket said in each of its ways. Raises as `Former.format`
    does."""
    flow, _, step = key.partition(".")
    choices = tuple(Choice(option, name) for option, name in catalogue.flows[flow].steps[step].options)
    values = {**samples(catalogue, language), **known}
    listed = catalogue.texts.render(language, Say(key, values, choices), "{options}")
    said = [catalogue.texts.fill(language, way, {**values, "options": listed}).strip() for way in variants(words)]
    return [one[:1].upper() + one[1:] for one in said]
