"""How a text looks and how long it is: characters, marks, language, placeholders, parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from app.rules.gate.codes import reason
from app.rules.gate.draft import Draft, Reason

COMFORTABLE = 3
"""Parts: one is the ideal, three the limit of a single answer (domain.md, how it should talk)."""

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FINE = frozenset("\n\r\u200d\ufe0e\ufe0f")
"""A line's end, and what joins and colours emoji."""
_CHAIN = re.compile(r"[!！]\s*[!！?？]|[?？]\s*[!！]|[?？]{3,}")
_PLACEHOLDER = re.compile(
    r"\{\{?[^{}\n]{0,30}\}?\}|\$\{[^}\n]{0,30}\}"
    r"|[\[【（(<《](?:客户|您的|客户经理|经理)?(?:姓名|名字|称呼|电话|手机|金额|额度|日期|时间|链接|短链接|专属链接|安全链接|快捷通道|银行|卡号|尾号|name|amount|date|link|phone|tail|time)[\]】）)>》]"
    r"|(?<![A-Za-z])[Xx]{2,}(?:银行|先生|女士|元|月|日|年|\b)|_{3,}|某某"
)
_MAY_BE_PLACEHOLDER = re.compile(r"[{\[【（(<《_某]|[Xx]{2}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z']+")
_CODE_PLACE = "{code}"


def characters(words: str) -> Iterator[Reason]:
    """Characters that cannot be sent, or that nobody sees."""
    if words.isprintable():  # neither control, format, surrogate nor unassigned
        return
    for char in dict.fromkeys(words):
        category = unicodedata.category(char)
        named = f"U+{ord(char):04X}"
        if char in _FINE or category in {"Zs", "Zl", "Zp"} or category[0] in "LNPS":
            continue
        if char in _TURNS or category in {"Cc", "Cs", "Co"} or (category == "Cn" and _is_no_character(ord(char))):
            yield reason("unsendable", named)
        elif category == "Cf":
            yield reason("hidden_characters", named)


def _is_no_character(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def marks(words: str) -> Iterator[Reason]:
    """Chains of exclamation marks."""
    if match := _CHAIN.search(words):
        yield reason("exclamations", match[0])


def placeholders(words: str, draft: Draft) -> Iterator[Reason]:
    """Holes that nobody filled; `{code}` is filled while a code text leaves."""
    for match in _PLACEHOLDER.finditer(words) if _MAY_BE_PLACEHOLDER.search(words) else ():
        if match[0] != _CODE_PLACE or draft.purpose != "code":
            yield reason("placeholder", match[0])


def language(words: str, draft: Draft) -> Iterator[Reason]:
    """Words in another language than the customer's."""
    if draft.language == "en":
        if found := _HAN.search(words):
            yield reason("language_mismatch", found[0])
    elif not _HAN.search(words):
        found_words = _WORD.findall(words)
        if len(found_words) >= 3:
            yield reason("language_mismatch", " ".join(found_words[:3]))


def length(parts: int, draft: Draft) -> Iterator[Reason]:
    """More parts than allowed, or than is kind."""
    if parts > draft.most_parts:
        yield reason("too_many_parts", str(parts))
    elif parts > COMFORTABLE:
        yield reason("many_parts", str(parts))
