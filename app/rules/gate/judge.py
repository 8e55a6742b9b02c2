"""The one question of the gate: may these words leave, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from app.rules.gate import asking, figures, links, offers, persons, signature, style
from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason, Verdict
from app.rules.gate.form import Form, packed
from app.rules.gate.lists import load
from app.rules.gate.matching import Hit, Matcher
from app.rules.purpose import Purpose

SHIPPED = Matcher(load())
"""The word lists of this release, read at the start: a wrong one stops it with `BadList`."""

NOBODY: frozenset[str] = frozenset()
TO_ONE: frozenset[Purpose] = frozenset({"answer", "code"})
REMEMBERED = 8192
"""Texts, about a kilobyte each: those of twelve programmes for the titles of most customers."""


def judge(draft: Draft) -> Verdict:
    """Every reason against a text, refusals first. Never raises, whatever the words are; `count_parts` is asked once.

    `allowed` is true when no reason is a refusal; warnings leave the decision to who writes.
    """
    words = signature.bare(draft.words, draft.signature)
    body = f"{draft.signature}{words}"
    parts = draft.count_parts(body)
    looked_at = links.without_ours(words, draft.domains)
    found = (*_against(looked_at, draft), *style.length(parts, draft))
    ordered = sorted(found, key=lambda one: one.level != "refuse")
    return Verdict(all(one.level != "refuse" for one in ordered), tuple(ordered), parts, body)


def _against(words: str, draft: Draft) -> tuple[Reason, ...]:
    """Each reason once, in order. Customers of a programme get the same words but for title and link: what was found in
    words is remembered, unless it depends on whose names and numbers they may tell. What is said to one person is not:
    it may hold figures or secrets, and comes once."""
    if draft.purpose in TO_ONE:
        return tuple(dict.fromkeys(_reasons(Form(words), draft)))
    found, letters = _remembered(words, replace(draft, words="", count_parts=len, names=NOBODY, phones=NOBODY))
    tells = any(one.code == "personal_data" for one in found) or any(
        len(name) > 1 and name in letters for name in map(packed, draft.names)
    )
    return tuple(dict.fromkeys(_reasons(Form(words), draft))) if tells else found


@lru_cache(maxsize=REMEMBERED)
def _remembered(words: str, draft: Draft) -> tuple[tuple[Reason, ...], str]:
    """The reasons against `words` of which no name and no number may be told, and their letters. `draft`: without what
    differs from customer to customer."""
    form = Form(words)
    return tuple(dict.fromkeys(_reasons(form, draft))), form.packed


def forget() -> None:
    """Judges the next text as if it were the first: for measurements and tests."""
    _remembered.cache_clear()


def _reasons(form: Form, draft: Draft) -> Iterator[Reason]:
    """Of a text without the signature and short links, which are the bank's own and not judged."""
    words = form.text
    if not form.packed:
        yield reason("empty")
    yield from style.characters(words)
    yield from style.placeholders(words, draft)
    for kind in draft.secrets_in(words):
        yield reason("secret", kind)
    yield from asking.reasons(form, draft)
    yield from persons.reasons(form, draft)
    yield from figures.reasons(form, draft)
    offering: list[Hit] = []
    for hit in _hits(form, draft.purpose):
        if hit.entry.code == "offer_unmarked":
            offering.append(hit)
        else:
            yield reason(hit.entry.code, hit.words(words))
    yield from offers.reasons(form, draft, offering)
    yield from links.reasons(form, draft)
    yield from signature.reasons(words, draft)
    yield from style.marks(words)
    yield from style.language(words, draft)


def _hits(form: Form, purpose: str) -> list[Hit]:
    """What the lists find in a text, and in it with digits read as the letters that they stand for (fr33, m0ney)."""
    found = SHIPPED.find(form, purpose)
    for disguised in form.undisguised():
        found += SHIPPED.find(disguised, purpose)
    return found
