"""The form of a text that everything else matches against. For matching only: the raw text is what is stored.

The steps are those of gateways.md section 8 (Text): NFKC does widths and circled digits, but leaves zero-width
characters, soft hyphens and variation selectors behind, so those are removed by their category.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

import opencc

LONGEST = 2000
"""Characters looked at. Twilio carries 1,600; anything longer is not a text that a person typed."""

_DROPPED = frozenset({"Cf", "Mn", "Me", "Cs", "Co", "Cn"})
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_PLAIN = re.compile(r"[a-z0-9#?!.,:' \-]*")
_SPACE = re.compile(r"\s+")
_REPEATED = re.compile(r"([!?。,.~…、])(?:\s?\1)+")
_SPELT_OUT = re.compile(r"(?:\w[ .·_\-]{1,2}){1,11}\w")
_SPELT_BREAK = re.compile(r"[ .·_\-]")
_WORDLESS = re.compile(r"[^\w]+|_+")
_ENDS = "。!?,.~…、;:·|*^`\"'“”‘’ "
_ALIKE = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "—": "-", "–": "-", "－": "-"})


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _traditional() -> tuple[frozenset[str], tuple[str, ...]]:
    """All that the simplifier can change: characters, and the few words that hold none of them."""
    folder = files("opencc") / "dictionary"
    written = [
        line.split("\t", 1)[0]
        for name in ("TSCharacters.txt", "TSPhrases.txt")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    single = frozenset(word for word in written if len(word) == 1)
    return single, tuple(word for word in written if word and single.isdisjoint(word))


def _may_be_traditional(text: str) -> bool:
    """To look costs a fiftieth of letting the simplifier convert."""
    single, words = _traditional()
    return not single.isdisjoint(text) or any(word in text for word in words)


def has_han(text: str) -> bool:
    """Whether any Chinese character stands in `text`."""
    return _HAN.search(text) is not None


def visible(text: str) -> str:
    """`text` without what nobody sees: invisible and unassigned characters, controls (each becomes one space),
    lone surrogates. Widths, letter case and punctuation stay. At most `LONGEST` characters."""
    text = text[:LONGEST]
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category == "Cc":
            kept.append(" " if char != "\n" else "\n")
        elif category not in _DROPPED:
            kept.append(char)
    return "".join(kept).strip()


def normalise(text: str) -> str:
    """The matching form: one width, one case, simplified characters, single spaces, no invisible characters,
    repeated punctuation once, none at the ends except a question mark. `normalise(normalise(t)) == normalise(t)`.
    """
    text = text[:LONGEST]
    for _ in range(5):  # one or two rounds settle; folding one script can open another step for the next
        once = _once(text)
        if once == text:
            break
        text = once
        if _PLAIN.fullmatch(text):
            text = _once(text)
            break
    return text


def _once(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[:LONGEST]
    text = visible(text).casefold().translate(_ALIKE)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[:LONGEST]
        if _may_be_traditional(text):
            text = _simplifier().convert(text)
    text = _SPACE.sub(" ", text)
    text = _REPEATED.sub(r"\1", text)
    trimmed = text.strip(_ENDS)
    if _SPELT_OUT.fullmatch(trimmed) and not trimmed.replace(" ", "").isdigit() and _is_spelt_out(trimmed):
        trimmed = _SPELT_BREAK.sub("", trimmed)
    if "?" in text[len(text.rstrip(_ENDS)) :]:
        trimmed += "?"
    return trimmed


def _is_spelt_out(text: str) -> bool:
    """ "t d", "s.t.o.p", "退 订": single letters that belong together. "3-4" and "3.5" are not."""
    return not any(char.isdigit() for char in text)


def bare(normalised: str) -> str:
    """Only the letters and digits of a normalised text, nothing between them: for whole-text word tables."""
    return _WORDLESS.sub("", normalised)
