"""How many SMS parts a text takes (`gateways.md` §3.3): GSM-7 160/153 septets, UCS-2 70/67 UTF-16 units.

Our own counter, not a library: the one on the index that is right for Chinese (`smsutil`) had its last
release in 2020, registers a global codec when imported and needs a Python 2 shim. Its published reference
values are our tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

# 3GPP TS 23.038 §6.2.1. The escape character itself is left out: a text that holds one is not GSM-7 for us.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each costs two septets: the escape and the character.
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
_PAIRS: Final[dict[Encoding, re.Pattern[str]]] = {
    "GSM-7": re.compile(f"[{re.escape(''.join(sorted(_EXTENSION)))}]"),
    "UCS-2": re.compile("[\U00010000-\U0010ffff]"),
}
"""Characters of two units."""
_GSM: Final = _BASIC | _EXTENSION

# encoding -> (units of a text that fits one part, units of each part of a longer one)
_ROOM: Final[dict[Encoding, tuple[int, int]]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Size:
    """`units` are septets (GSM-7) or UTF-16 units (UCS-2), `left` those that still fit the last part."""

    parts: int
    units: int
    encoding: Encoding
    left: int


def encoding_of(text: str) -> Encoding:
    """One character outside GSM-7 moves the whole text to UCS-2."""
    return "GSM-7" if _GSM.issuperset(text) else "UCS-2"


def measure(text: str) -> Size:
    """The size of `text` on the air. An empty text is one part.

    A pair (escape and extension character, or two surrogates) is never split over two parts, so a part may
    stay one unit short and the count can exceed the plain division.
    """
    encoding = encoding_of(text)
    single, each = _ROOM[encoding]
    pairs = _PAIRS[encoding]
    units = len(text) + len(pairs.findall(text))
    if units <= single:
        return Size(1, units, encoding, single - units)
    if units == len(text):  # nearly every long text
        return Size(-(-units // each), units, encoding, -units % each)
    parts, at = 0, 0
    while at < len(text):
        began = at
        at = min(len(text), at + each - len(pairs.findall(text, at, at + each)))  # surely fit, and perhaps some more
        used = at - began + len(pairs.findall(text, began, at))
        while at < len(text) and used + (cost := 2 if pairs.match(text, at) else 1) <= each:
            at, used = at + 1, used + cost
        parts += 1
    return Size(parts, units, encoding, each - used)
