"""A normalised text as the numbered features of the trained reader.

Every feature is a short string (three characters in a row, two words in a row) whose number is its CRC-32, cut to
`BITS`: the same on every machine, and no word list has to be kept. Two features that fall on one number share a
weight; with 2^16 numbers that costs less than half a point of accuracy (docs/understanding.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from app.flows.reading.model.sounds import sounds_of, spelt
from app.flows.reading.normalise import has_han

BITS = 16
BUCKETS = 1 << BITS
LONGEST = 160
"""Characters looked at: what a longer text wants stands in its beginning or its end, half of this from each."""

Script = Literal["han", "latin"]
SCRIPTS: tuple[Script, ...] = ("han", "latin")

_DIGITS = re.compile(r"\d[\d.,:]*\d|\d")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|0|[?!]")
_PIECE = re.compile(r"[a-z]+|.")
_UNHEARD = frozenset(" ,。、;:.~…")


def script_of(text: str) -> Script:
    """Which of the two readers a normalised text is for: one Chinese character, or nothing but pinyin, is Chinese."""
    return "han" if has_han(text) or spelt(_shortened(text)) else "latin"


def features_of(text: str, script: Script) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Numbers of the features in `text` (sorted, each once) and the dampened count of each: 1 + ln(count)."""
    found = _han(text) if script == "han" else _latin(text)
    mask = BUCKETS - 1
    numbers = np.fromiter((crc32(gram.encode()) & mask for gram in found), dtype=np.int64)
    unique, counts = np.unique(numbers, return_counts=True)
    return unique, (1.0 + np.log(counts)).astype(np.float32)


def _shortened(text: str) -> str:
    text = _DIGITS.sub("0", _SPACE.sub(" ", text))
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + text[-LONGEST // 2 :]


def _han(text: str) -> Iterator[str]:
    """One to three characters in a row (a Latin word counts as one), pairs with one to four left out; the same in
    short for how it sounds, since what people mistype sounds right."""
    if not has_han(text) and (syllables := spelt(_shortened(text))):
        yield from _heard(["^", *syllables, "$"])
        return
    pieces = ["^", *(p for p in _PIECE.findall(_shortened(text)) if p not in _UNHEARD), "$"]
    size = len(pieces)
    for at in range(size):
        one = pieces[at]
        yield one
        two = one + "".join(pieces[at + 1 : at + 2])
        if at + 1 < size:
            yield two
        if at + 2 < size:
            yield two + pieces[at + 2]
        for skipped in (2, 3, 4, 5):
            if at + skipped < size:
                yield f"{one}_{pieces[at + skipped]}"
    yield from _heard(sounds_of(pieces))


def _heard(heard: list[str]) -> Iterator[str]:
    """Two and three sounds in a row, and pairs with one left out."""
    for at in range(len(heard) - 1):
        yield f"~{heard[at]} {heard[at + 1]}"
        if at + 2 < len(heard):
            yield f"~{heard[at]} {heard[at + 1]} {heard[at + 2]}"
            yield f"~{heard[at]}_{heard[at + 2]}"


def _latin(text: str) -> Iterator[str]:
    """One to three words in a row, pairs with one left out, and three to five letters within a word."""
    words = ["^", *_WORD.findall(_shortened(text)), "$"]
    size = len(words)
    for at, word in enumerate(words):
        yield f"w {word}"
        if at + 1 < size:
            yield f"w {word} {words[at + 1]}"
        if at + 2 < size:
            yield f"w {word} {words[at + 1]} {words[at + 2]}"
            yield f"w {word} _ {words[at + 2]}"
        edged = f"<{word}>"
        for width in (3, 4, 5):
            for start in range(len(edged) - width + 1):
                yield edged[start : start + width]
