"""Texts that no person wrote to us: auto-responders, and our own words coming back (gateways.md 8, bot loops)."""

from __future__ import annotations

import re
from functools import cache

from app.flows.code_place import CODE
from app.flows.reading import rules
from app.flows.reading.normalise import normalise

_SIGN = re.compile(r"^\s*[>\"“「]*\s*[【\[][^】\]]{2,16}[】\]]")
_LONG = 18
"""Characters from which a piece of our last text is a quotation; "回复TD退订" is shorter, and is meant."""
_DIGITS = re.compile(r"(?<!\d)\d{4,8}(?!\d)")
_QUOTED_TAIL = re.compile(r"[\n>」”\"]+|。(?=[^。]{1,30}$)")


@cache
def _patterns() -> tuple[rules.Pattern | None, rules.Pattern | None]:
    words = rules.table("machines")
    return rules.joined(words["patterns"], {}), rules.joined(words["unless"], {})


def auto_reply(text: str) -> bool:
    """Whether an auto-responder wrote a normalised text."""
    wanted, unless = _patterns()
    if wanted is None or len(text) < 4 or not wanted.search(text):
        return False
    return not (unless and unless.search(text))


def own_words(raw: str, text: str, last_said: str) -> str | None:
    """What the customer added to a text that carries our own words: "" for a bare echo, the rest if there is
    one, None when our words are not in it. `raw` as received, `text` and the result normalised."""
    # Most texts are too short to quote us: for them our last text need not be read.
    if len(text) >= _LONG and (said := normalise(last_said)):
        said = _with_its_code(said, text)
        if text in said:
            return ""
        if said in text:
            return normalise(text.replace(said, " ", 1))
        shared = _shared_start(text, said)
        if shared >= max(_LONG, len(said) // 2):
            return normalise(text[shared:])
    if _SIGN.match(raw) and len(text) >= 30:
        tail = normalise(_QUOTED_TAIL.split(raw)[-1])
        return tail if tail and len(tail) <= 30 and tail != text and normalise(raw[: len(raw) // 2]) != tail else ""
    return None


def _with_its_code(said: str, text: str) -> str:
    """Our words as they left: where we keep a place for a one-time code, the customer has the digits."""
    before, place, after = said.partition(CODE)
    found = _DIGITS.search(text, len(before)) if place and text.startswith(before) else None
    return before + found[0] + after if found else said


def _shared_start(one: str, other: str) -> int:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
