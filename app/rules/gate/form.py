"""A text in the forms that it is matched in, and the way back to the original words.

`plain`: one width, one case, simplified characters, look-alike letters as what they look like, nothing invisible.
`packed`: `plain` without spaces, punctuation and symbols, so that nothing put between letters hides a word.
Each character is folded on its own: that makes both forms one `str.translate`, and offsets can be found later, only
for texts in which something was found.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cached_property
from importlib.resources import files
from itertools import accumulate

INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
_LETTERS = ("L", "N")
_KEPT = frozenset("%")
_ALIKE = dict(
    zip(
        "авекмнорстухіјѕԁԛԝһѵуɡɑıοαεικνρτυχβηζωσⅼ",
        "abekmhopctyxijsdqwhvygaioaeikvptuxbnzwol",
        strict=True,
    )
)
"""Cyrillic, Greek and other letters that look like Latin ones (Unicode TR 39, confusables), lower case."""
_ALIKE |= {chr(0x1F1E6 + n): chr(97 + n) for n in range(26)}  # regional indicators
_ALIKE |= {chr(start + n): chr(97 + n) for start in (0x1F150, 0x1F170) for n in range(26)}  # white on black
_ALIKE |= {"％": "%", "﹪": "%", "٪": "%"}


def _simplified() -> dict[str, str]:
    """Traditional characters and what they are simplified to, one to one."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {pair[0]: pair[1].split(" ")[0] for pair in pairs if len(pair[0]) == 1}


_SIMPLIFIED = _simplified()


def _folded(char: str) -> str:
    if unicodedata.category(char) in INVISIBLE and char != "\n":
        return " " if char in "\t\r\v\f\x1c\x1d\x1e\x1f\x85" else ""
    if char in _ALIKE:
        return _ALIKE[char]
    folded = "".join(c for c in unicodedata.normalize("NFKD", char) if unicodedata.category(c) not in INVISIBLE)
    folded = unicodedata.normalize("NFC", folded).casefold()
    return "".join(_ALIKE.get(c, _SIMPLIFIED.get(c, c)) for c in folded)


class _Plain(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = folded = "\n" if code == 10 else _folded(chr(code))
        return folded


class _Packed(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = folded = "".join(c for c in _PLAIN[code] if _is_letter(c))
        return folded


def _is_letter(char: str) -> bool:
    return char in _KEPT or unicodedata.category(char)[0] in _LETTERS


_PLAIN = _Plain()
_PACKED = _Packed()


def packed(text: str) -> str:
    """Only the letters, digits and percent signs of a text, folded."""
    return text.translate(_PACKED)


class Form:
    """One text with its forms. Spans are of the form that they were found in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = text.translate(_PLAIN)
        self.packed = text.translate(_PACKED)

    @cached_property
    def _packed_ends(self) -> list[int]:
        return list(accumulate(len(_PACKED[ord(char)]) for char in self.text))

    @cached_property
    def _plain_ends(self) -> list[int]:
        return list(accumulate(len(_PLAIN[ord(char)]) for char in self.text))

    def from_packed(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a span of `packed` came from; `end` is past the last character."""
        ends = self._packed_ends
        return bisect_right(ends, start), bisect_right(ends, end - 1) + 1

    def from_plain(self, start: int, end: int) -> str:
        """The original words of a span of `plain`."""
        ends = self._plain_ends
        return self.text[bisect_right(ends, start) : bisect_right(ends, end - 1) + 1]
