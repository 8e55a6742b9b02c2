"""Finding the words of the lists in a text, all lists at once.

Most texts hold none of them, and that is told fast: every entry is filed under two letters of its packed form, and one
set operation over the letter pairs of the text names the few entries that are worth a closer look.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import add
from typing import NamedTuple

from app.rules.gate.form import Form, packed
from app.rules.gate.lists import Entry

_REACH = 8
"""Letters that `…` in an entry may stand for, at most."""

_FILL = "享受|享|办理|做到|宣传|使用|承诺|保证|提供|给您|为您|给你|任何|所谓的?|有|的|是|能|被|会|说|叫"
_NOT = re.compile(
    rf"(?:不能|无法|不会|不可能|不可|不得|不提供|不支持|没有|并非|不是|并不是|不保证|不承诺|不存在|暂无|尚无|未|请勿|切勿|勿|别|严禁|禁止"
    rf"|谈不上|不等于|不再|杜绝|拒绝|谨防|警惕|当心|小心)(?:{_FILL}){{0,3}}$"
    r"|(?:not|cannot|cant|never|no|dont|doesnt|isnt|arent|wont|without|neither|beware)"
    r"(?:be|a|an|any|the|offer|give|make|promise|have|get|of|say|claim){0,3}$"
)
_WARNED = re.compile(
    r"^(?:.{0,6}(?:骗局|诈骗|陷阱|都是假|不可信|请勿相信|不要相信|别信|不要信|是骗|属虚假|不实|isascam|isfraud|arescams))"
)
_LOOK_BACK = 24
_CLAUSE = frozenset("，。！？；：,!?;:\n")
_LETTER = re.compile(r"[a-z]")
_BETWEEN_DIGITS = re.compile(r"\d[.,:/\-–—]\d")


class Hit(NamedTuple):
    """An entry, and the span of the original text where it stands."""

    entry: Entry
    start: int
    end: int


class Matcher:
    """The entries of all lists, filed."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        filed: dict[str, list[tuple[Entry, re.Pattern[str]]]] = defaultdict(list)
        for entry in entries:
            pattern = re.compile(f".{{0,{_REACH}}}?".join(map(re.escape, entry.pieces)))
            filed[_head(entry)].append((entry, pattern))
        self._filed = dict(filed)
        self._heads = frozenset(filed)

    def find(self, form: Form, purpose: str) -> list[Hit]:
        """Every entry that stands in the text and is not excused there, in the order of the text, each once."""
        letters = form.packed
        near = self._heads.intersection(map(add, letters, letters[1:]))
        if not near:
            return []
        hits = [
            hit
            for head in near
            for entry, pattern in self._filed[head]
            if purpose in entry.purposes and all(piece in letters for piece in entry.pieces)
            for hit in _stands(form, entry, pattern)
        ]
        return sorted(hits, key=lambda hit: (hit.start, -hit.end))


def _head(entry: Entry) -> str:
    """The letters that `entry` is filed under."""
    return max(entry.pieces, key=len)[:2]


def _stands(form: Form, entry: Entry, pattern: re.Pattern[str]) -> Iterator[Hit]:
    """The first place where `entry` stands unexcused."""
    letters, at = form.packed, 0
    while match := pattern.search(letters, at):
        start, end = form.from_packed(match.start(), match.end())
        at = match.start() + 1
        if not _is_whole(form.text, start, end, entry) or _is_excused(letters, match.start(), match.end(), entry):
            continue
        if entry.negated and _is_denied(form, match.start(), match.end(), start):
            continue
        yield Hit(entry, start, end)
        return


def _is_whole(text: str, start: int, end: int, entry: Entry) -> bool:
    """Not the inside of a longer Latin word or number: `free` in `freedom`, `100%` in `1.00%` or `2,100%`."""
    first, last = entry.pieces[0][0], entry.pieces[-1][-1]
    before, after = packed(text[max(0, start - 1) : start]), packed(text[end : end + 1])
    if first.isascii() and first.isalpha() and before[-1:].isascii() and before[-1:].isalpha():
        return False
    if last.isascii() and last.isalpha() and after[:1].isascii() and after[:1].isalpha():
        return False
    if first.isdigit() and (before.isdigit() or _BETWEEN_DIGITS.match(text[max(0, start - 2) : start + 1])):
        return False
    return not (any(char.isdigit() for char in entry.word) and _BETWEEN_DIGITS.search(text[start:end]))


def _is_excused(letters: str, start: int, end: int, entry: Entry) -> bool:
    for phrase in entry.unless:
        at = letters.find(phrase, max(0, end - len(phrase)), start + len(phrase))
        if at >= 0 and at <= start:
            return True
    return False


def _is_denied(form: Form, start: int, end: int, original: int) -> bool:
    """Whether a negation stands right before, with no punctuation between, or a warning right behind."""
    letters = form.packed
    back = max(0, start - _LOOK_BACK)
    denial = _NOT.search(letters[back:start])
    if denial:
        opened, _ = form.from_packed(back + denial.start(), back + denial.start() + 1)
        if _CLAUSE.isdisjoint(form.text[opened:original]):
            return True
    return _WARNED.match(letters[end : end + _LOOK_BACK]) is not None
