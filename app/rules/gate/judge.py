"""The one question of the gate: may these words leave, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.gate import asking, figures, links, offers, persons, signature, style
from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason, Verdict
from app.rules.gate.form import Form
from app.rules.gate.lists import load
from app.rules.gate.matching import Hit, Matcher

SHIPPED = Matcher(load())
"""The word lists of this release, read at the start: a wrong one stops it with `BadList`."""


def judge(draft: Draft) -> Verdict:
    """Every reason against a text, refusals first. Never raises, whatever the words are; `count_parts` is asked once.

    `allowed` is true when no reason is a refusal; warnings leave the decision to who writes.
    """
    words = signature.bare(draft.words, draft.signature)
    body = f"{draft.signature}{words}"
    parts = draft.count_parts(body)
    found = dict.fromkeys(_reasons(words, parts, draft))  # each once, in order
    ordered = sorted(found, key=lambda one: one.level != "refuse")
    return Verdict(all(one.level != "refuse" for one in ordered), tuple(ordered), parts, body)


def _reasons(words: str, parts: int, draft: Draft) -> Iterator[Reason]:
    """`words`: without the signature, which is the bank's own and not judged."""
    form = Form(words)
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
    yield from style.length(parts, draft)


def _hits(form: Form, purpose: str) -> list[Hit]:
    """What the lists find in a text, and in it with digits read as the letters that they stand for (fr33, m0ney)."""
    found = SHIPPED.find(form, purpose)
    for disguised in form.undisguised():
        found += SHIPPED.find(disguised, purpose)
    return found
