"""How Chinese characters sound, so that what is mistyped (额渡, 还宽) and what is written in pinyin is still heard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

_WORD = re.compile(r"[a-z]+|0")
_LIKE = re.compile(r"^([zcs])h|(?<=n)g$")


LONGEST_SYLLABLE = 6

_ENGLISH = """
a an balance ban bane bang bank bare bin can cane chan change dare date die engine enough fan fate game gang
gone guide hang he here i image in lane late lie line long machine made make man mane me men mine more name
nan nine no none note on one pan pen pie pin pine ping ran range rate ride rude run same sane sang see sense
shame she shine side size song sun sure take tan tie time tone use wage wan wane wang wide wine woman women
yes you
"""
ENGLISH = frozenset(_ENGLISH.split())
"""Words of English that also read as pinyin: a text made of such words is no pinyin."""


@cache
def _lines() -> tuple[tuple[str, str], ...]:
    lines = (files(__package__) / "sounds.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ") for line in lines if not line.startswith("#"))
    return tuple((sound, chars) for sound, chars in pairs)


@cache
def _syllables() -> frozenset[str]:
    return frozenset(sound for sound, _ in _lines())


@cache
def _table() -> dict[str, str]:
    """Character to sound, from `sounds.txt`."""
    return {char: plain_sound(sound) for sound, chars in _lines() for char in chars}


def plain_sound(syllable: str) -> str:
    """A syllable without what many speakers do not tell apart: zh as z, ch as c, sh as s, -ng as -n."""
    return _LIKE.sub(lambda found: found[1] or "", syllable)


def sounds_of(pieces: Sequence[str]) -> list[str]:
    """The sound of each character; what is no Chinese character stays itself."""
    table = _table()
    return [table.get(piece, piece) for piece in pieces]


def spelt(text: str) -> list[str] | None:
    """The sounds of a text in pinyin ("haiyou duoshao edu"), or None when it is something else."""
    words = _WORD.findall(text)
    cut = [_syllables_of(word) for word in words]
    if not words or not all(cut) or sum(map(len, cut)) < 2:
        return None
    if sum(word in ENGLISH for word in words) * 2 >= len(words):
        return None
    return [plain_sound(syllable) for word in cut for syllable in word]


@lru_cache(maxsize=4096)
def _syllables_of(word: str) -> tuple[str, ...]:
    """A word in pinyin cut into as few syllables as it takes; empty when it cannot be."""
    if word == "0":
        return ("0",)
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - LONGEST_SYLLABLE), end):
            before, last = best[start], word[start:end]
            shorter = best[end]
            if before is not None and last in _syllables() and (shorter is None or len(before) + 1 < len(shorter)):
                best[end] = (*before, last)
    return best[-1] or ()
