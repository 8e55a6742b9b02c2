"""Which language a text is in, as far as that matters for the answer."""

from __future__ import annotations

import re

from app.flows.reading.normalise import has_han

_WORD = re.compile(r"[A-Za-z][a-z']+\b")
_LEAST_WORDS, _LEAST_LETTERS = 2, 6


def language_of(text: str) -> str | None:
    """ "zh-CN", "en", or None when nobody can tell: commands (`ED`, `TD ALL`), numbers and names are in no language."""
    if has_han(text):
        return "zh-CN"
    words = _WORD.findall(text)
    if len(words) >= _LEAST_WORDS and sum(map(len, words)) >= _LEAST_LETTERS:
        return "en"
    return None
