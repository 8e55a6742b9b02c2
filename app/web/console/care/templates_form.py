"""A template as its form has it: read from what was typed, over the version that somebody began with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from app.care.menu import Reply
from app.care.placeholders import marks, named
from app.care.template import Model, Template

PARTS = ("benefit", "trigger", "trust", "limit", "call")
MOST_REPLIES = 9
WORDS = re.compile(r"[\s,，、/]+")
"""What stands between the words of a reply."""
LONGEST = 1000
"""Characters of one field: far more than a text may have."""


def read(form: Mapping[str, str], base: Template) -> Template:
    """`base` with the words, replies and link of the form, and the fall-backs of placeholders in the words. What rules
    depend on (purpose, kind, scene) is not in the form: it stays."""
    words = (
        replace(base, body=_line(form.get("body", "")))
        if base.model is None
        else replace(base, model=Model(*(_line(form.get(part, "")) for part in PARTS)))
    )
    used = {named(mark)[0] for mark in marks(words.words)}
    fallbacks = {name: said for name, said in _fallbacks(form).items() if name in used}
    return replace(words, fallbacks=fallbacks, replies=_replies(form, base), target=_line(form.get("target", "")))


def _line(typed: str) -> str:
    """A text is one line: breaks and runs of spaces become one space."""
    return " ".join(typed[:LONGEST].split())


def _fallbacks(form: Mapping[str, str]) -> dict[str, str]:
    found = {name.removeprefix("fallback_"): _line(typed) for name, typed in form.items() if name[:9] == "fallback_"}
    return {name: words for name, words in found.items() if words}


def _replies(form: Mapping[str, str], base: Template) -> tuple[Reply, ...]:
    """Rows with anything typed, in their order. What a reply takes along (`slots`) is not shown, and stays with its
    key."""
    slots = {one.key: one.slots for one in base.replies}
    found = []
    for row in range(MOST_REPLIES):
        key = _line(form.get(f"reply_key_{row}", ""))
        words = tuple(WORDS.split(form.get(f"reply_words_{row}", "")[:LONGEST].strip()))
        if key or any(words):
            found.append(Reply(key, form.get(f"reply_flow_{row}", ""), tuple(filter(None, words)), slots.get(key, {})))
    return tuple(found)
