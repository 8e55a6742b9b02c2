"""A text in the forms that it is matched in, and the way back to the original words.

`plain`: one width, one case, simplified characters, look-alike letters as what they look like, nothing invisible.
`packed`: `plain` without spaces, punctuation and symbols, so that nothing put between letters hides a word.
Each character is folded on its own: that makes a form one `str.translate`, and offsets can be found later, only for
texts in which something was found.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.resources import files
from itertools import accumulate
from operator import add

INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"})
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
_ALIKE |= {"٪": "%", "〇": "零"}
_ALIKE |= dict(zip("⻘⻄⻅⻉⻋⻓⻔⻚⻛⻜⻝⻢⻥⻦⻩⻮⻰", "青西见贝车长门页风飞食马鱼鸟黄齿龙", strict=True))
"""Radicals that Unicode does not decompose."""
_ALIKE |= dict.fromkeys("丨丶丿亅ㅤᅟᅠﾠ", "")
"""Letters by their category that stand between letters as bars, or as nothing."""
_LETTERS = re.compile(r"[^\W_]+|(?<=[\d百])%|(?<=[\d百] )%")
"""Runs of letters and digits, and the percent sign of a number."""


def _simplified() -> dict[str, str]:
    """Traditional characters and what they are simplified to, one to one."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {pair[0]: pair[1].split(" ")[0] for pair in pairs if len(pair[0]) == 1}


_SIMPLIFIED = _simplified()


def _folded(char: str) -> str:
    if unicodedata.category(char) in INVISIBLE:
        return char if char == "\n" else " " if char.isspace() else ""
    if char in _ALIKE:
        return _ALIKE[char]
    folded = "".join(c for c in unicodedata.normalize("NFKD", char) if unicodedata.category(c) not in INVISIBLE)
    folded = unicodedata.normalize("NFC", folded).casefold()
    return "".join(_ALIKE.get(c, _SIMPLIFIED.get(c, c)) for c in folded if unicodedata.category(c) != "Lm")


class _Plain(dict[int, str]):
    """Each character's fold, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


_PLAIN = _Plain()


def packed(text: str) -> str:
    """Only the letters and digits of a text, and the percent signs of its numbers, folded."""
    return "".join(_LETTERS.findall(text.translate(_PLAIN)))


_STANDS_FOR = "034578@$1!"
_DISGUISED = re.compile(
    r"[034578@$1](?:(?<=[a-z].)[034578@$1]*(?:[a-z]|(?![\w%]))|(?<!\w.)[034578@$1]*(?![ap]m|st|nd|rd|th)[a-z]{2})"
    r"|!(?<=[a-z].)!*[a-z]"
)
_ROUND = re.compile(r"[1li|](?<![\w.,].)[0o]{2}(?<!100)(?= ?%)")
_WORD = re.compile(r"([a-z034578@$1!]*[a-z][a-z034578@$1!]*)")


class Form:
    """One text with its forms. Spans are of the form that they were found in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = text.translate(_PLAIN)
        self.packed = "".join(_LETTERS.findall(self.plain))
        self.pairs = frozenset(map(add, self.packed, self.packed[1:]))
        """Every two letters that stand side by side in `packed`: what most searches end with."""

    def undisguised(self) -> Iterator[Form]:
        """The text with figures inside Latin words as letters, 1 as i and then as l, and `1oo%` as 100%. Nothing when
        it has none of these."""
        if len(self.plain) != len(self.text):
            return
        if "%" in self.plain and _ROUND.search(self.plain):
            yield Form(_ROUND.sub("100", self.plain))
        if _DISGUISED.search(self.plain):
            for one in "il":
                letters = str.maketrans(_STANDS_FOR, f"oeastbas{one}{one}")
                pieces = _WORD.split(self.plain)  # the words are its odd pieces
                pieces[1::2] = [word.translate(letters) for word in pieces[1::2]]
                yield Form("".join(pieces))

    @cached_property
    def _plain_ends(self) -> list[int]:
        return list(accumulate(map(len, map(_PLAIN.__getitem__, map(ord, self.text)))))

    @cached_property
    def places(self) -> list[int]:
        """Where in `plain` each character of `packed` stands."""
        return [at for match in _LETTERS.finditer(self.plain) for at in range(*match.span())]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that a span of `packed`, not empty, came from."""
        places, ends = self.places, self._plain_ends
        return bisect_right(ends, places[start]), bisect_right(ends, places[end - 1]) + 1

    def words(self, start: int, end: int) -> str:
        """The original words of a span of `plain`, spaces at their ends left out."""
        ends = self._plain_ends
        return self.text[bisect_right(ends, start) : bisect_right(ends, end - 1) + 1].strip()


class Keys:
    """Words of which one must stand in a text for a slower pattern to have a chance."""

    def __init__(self, words: Iterable[str]) -> None:
        filed: dict[str, list[str]] = defaultdict(list)
        for word in map(packed, words):
            filed[word[:2]].append(word)
        self._filed = dict(filed)
        self._heads = frozenset(filed)

    def stand_in(self, form: Form) -> bool:
        """Whether one of the words stands in `packed`."""
        if self._heads.isdisjoint(form.pairs):
            return False
        letters = form.packed
        for head in self._heads & form.pairs:
            for word in self._filed[head]:
                if word in letters:
                    return True
        return False
