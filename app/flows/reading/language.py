"""Which language a text is in, as far as that matters for the answer."""

from __future__ import annotations

import re

from app.flows.reading.normalise import has_han

_WORD = re.compile(r"[A-Za-z][a-z']+\b")
_LEAST_WORDS, _LEAST_LETTERS = 2, 6
_ENGLISH_TOO = frozenset({"main", "menu", "human", "mate", "nice", "cute", "nite", "dunno", "loan", "quota"})
"""Words of English that could be cut into syllables of pinyin, beside those that the model knows of."""


def language_of(text: str) -> str | None:
    """ "zh-CN", "en", or None when nobody can tell: commands (`ED`, `TD ALL`), numbers and names are in no language."""
    if has_han(text):
        return "zh-CN"
    words = _WORD.findall(text)
    if _is_pinyin(text):
        return "zh-CN"
    if len(words) >= _LEAST_WORDS and sum(map(len, words)) >= _LEAST_LETTERS:
        return "en"
    return None


def _is_pinyin(text: str) -> bool:
    """Who writes "zenme huankuan" has no Chinese keyboard at hand, and reads Chinese."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < _LEAST_WORDS or not _ENGLISH_TOO.isdisjoint(words):
        return False
    from app.flows.reading.model.sounds import ENGLISH, spelt  # the model's, and loaded with it: not for commands

    syllables = spelt(text.casefold())
    if syllables is None or len(syllables) <= _LEAST_WORDS:
        return False
    return sum(w in ENGLISH for w in words) * 4 <= len(words)
