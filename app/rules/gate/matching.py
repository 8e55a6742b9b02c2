"""Finding the words of the lists in a text, all lists at once.

Most texts hold none of them, and that is told fast: every entry is filed under two letters of its packed form, and one
set operation over the letter pairs of the text names the few entries that are worth a closer look.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.gate.form import Form
from app.rules.gate.lists import Entry

_OFTEN = (
    "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicne"
    "earacelichllbemasiomurcaeltalansdifohopeecprnoctusacotiltrlyncetutsssorsunlowa"
)
_COMMON = frozenset(_OFTEN[at : at + 2] for at in range(0, len(_OFTEN), 2))
"""Pairs of letters that most English texts have: an entry filed under one would be looked at for nothing."""
_REACH = 8
"""Letters that `…` in an entry may stand for, at most."""

_FILL = "享受|享|办理|做到|宣传|使用|承诺|保证|提供|给您|为您|给你|任何|您说的|所说的|所谓的?|有|是|能|被|会|说|叫"
_NOT = re.compile(
    rf"(?:不能|无法|不会|不可能|不可|不得|不提供|不支持|没有|并非|不是|并不是|不保证|不承诺|不存在|暂无|尚无|未|请勿|切勿|勿|别|严禁|禁止"
    rf"|谈不上|不等于|不再|杜绝|谨防|警惕|当心|小心)(?:{_FILL}){{0,3}}$"
    r"|(?:没有?办法|无法|不能|不敢|难以)(?:向您|给您|为您)?(?:保证|承诺|确保|担保).{0,8}$"
    r"|(?:cannot|cant|wont|dont|unableto)(?:promise|say)(?:you)?(?:that)?(?:it|you|your[a-z]{0,12})?(?:willbe|is|be|are)?$"
    r"|(?:not|cannot|cant|never|no|dont|doesnt|isnt|arent|wont|without|neither|beware)"
    r"(?:be|a|an|any|the|offer|give|make|promise|have|get|of|say|claim){0,3}$"
)
_WARNED = re.compile(
    r"^(?:.{0,6}(?:骗局|诈骗|陷阱|都是假|不可信|请勿相信|不要相信|别信|不要信|是骗|属虚假|不实|isascam|isfraud|arescams))"
)
_LOOK_BACK = 24
_CLAUSE = frozenset("。!?;:,\n")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
_BETWEEN_DIGITS = re.compile(r"\d[.,:/\-–—]\d")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry, and the span of `form.packed` where it stands."""

    entry: Entry
    form: Form
    first: int
    last: int

    def words(self, text: str) -> str:
        """As they stand in `text`, the original; worked out only when asked, since most hits are never shown."""
        start, end = self.form.span(self.first, self.last)
        return text[start:end]


@dataclass(frozen=True, slots=True)
class _Filed:
    """An entry with what finds it. `longest`: its longest piece; `pattern`: only for one with gaps; `whole`: it begins
    or ends with a Latin letter or has a digit, and must not be a part of something longer."""

    entry: Entry
    longest: str
    pattern: re.Pattern[str] | None
    whole: bool


class Matcher:
    """The entries of all lists, filed."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        entries = tuple(entries)
        often = Counter(pair for entry in entries for pair in set(_pairs(max(entry.pieces, key=len))))
        filed: dict[str, list[_Filed]] = defaultdict(list)
        for entry in entries:
            longest = max(entry.pieces, key=len)
            head = min(_pairs(longest), key=lambda pair: (pair in _COMMON, often[pair]))
            gaps = f".{{0,{_REACH}}}?".join(map(re.escape, entry.pieces)) if len(entry.pieces) > 1 else ""
            whole = entry.has_digit or entry.pieces[0][0] in _LATIN or entry.pieces[-1][-1] in _LATIN
            filed[head].append(_Filed(entry, longest, re.compile(gaps) if gaps else None, whole))
        self._filed = dict(filed)
        self._heads = frozenset(filed)

    def find(self, form: Form, purpose: str) -> list[Hit]:
        """Every entry that stands in the text and is not excused there, in the order of the text, each once."""
        letters = form.packed
        near = [filed for head in self._heads & form.pairs for filed in self._filed[head] if filed.longest in letters]
        hits = [hit for filed in near if purpose in filed.entry.purposes and (hit := _stands(form, filed))]
        return sorted(hits, key=lambda hit: (hit.first, -hit.last)) if len(hits) > 1 else hits


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]


def _stands(form: Form, filed: _Filed) -> Hit | None:
    """The first place where an entry stands unexcused."""
    entry, at = filed.entry, 0
    while span := _next(form.packed, filed, at):
        first, last = span
        at = first + 1
        if filed.whole and not _is_whole(form, first, last, entry):
            continue
        if entry.unless and _is_excused(form.packed, first, last, entry):
            continue
        if not (entry.negated and _is_denied(form, first, last)):
            return Hit(entry, form, first, last)
    return None


def _next(letters: str, filed: _Filed, at: int) -> tuple[int, int] | None:
    if filed.pattern is not None:
        match = filed.pattern.search(letters, at)
        return match.span() if match else None
    found = letters.find(filed.longest, at)
    return (found, found + len(filed.longest)) if found >= 0 else None


def _is_whole(form: Form, first: int, last: int, entry: Entry) -> bool:
    """Not the inside of a longer Latin word or number: `free` in `freedom`, `100%` in `1.00%` or `2,100%`."""
    plain, places = form.plain, form.places
    start, end = places[first], places[last - 1] + 1
    before, after = plain[start - 1 : start], plain[end : end + 1]
    head, tail = entry.pieces[0][0], entry.pieces[-1][-1]
    if (head in _LATIN and before in _LATIN) or (tail in _LATIN and after in _LATIN):
        return False
    if head.isdigit() and (before.isdigit() or _BETWEEN_DIGITS.match(plain[max(0, start - 2) : start + 1])):
        return False
    return not (entry.has_digit and _BETWEEN_DIGITS.search(plain[start:end]))


def _is_excused(letters: str, first: int, last: int, entry: Entry) -> bool:
    for phrase in entry.unless:
        at = letters.find(phrase, max(0, last - len(phrase)), first + len(phrase))
        if 0 <= at <= first:
            return True
    return False


def _is_denied(form: Form, first: int, last: int) -> bool:
    """Whether a negation stands right before, with no punctuation between, or a warning right behind."""
    letters = form.packed
    back = max(0, first - _LOOK_BACK)
    if denial := _NOT.search(letters[back:first]):
        between = form.plain[form.places[back + denial.start()] : form.places[first]]
        if _CLAUSE.isdisjoint(between):
            return True
    return _WARNED.match(letters[last : last + _LOOK_BACK]) is not None
