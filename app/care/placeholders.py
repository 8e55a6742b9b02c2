"""What may stand in braces in a template: its type, where its value comes from, and how it is written out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from app.care.person import Person

Type = Literal["text", "person", "money", "date", "days", "link", "phone"]
Source = Literal["customer", "bank", "day", "given"]
"""The customer's own row · the service itself · the festival or solar term · the event or programme that led to it."""

LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class Placeholder:
    name: str
    type: Type
    source: Source


PLACEHOLDERS: dict[str, Placeholder] = {
    one.name: one
    for one in (
        Placeholder("customer", "person", "customer"),
        Placeholder("manager", "person", "customer"),
        Placeholder("manager_phone", "phone", "customer"),
        Placeholder("bank", "text", "bank"),
        Placeholder("hotline", "phone", "bank"),
        Placeholder("link", "link", "bank"),
        Placeholder("term", "text", "day"),
        Placeholder("care", "text", "day"),
        Placeholder("product", "text", "given"),
        Placeholder("branch", "text", "given"),
        Placeholder("gift", "text", "given"),
        Placeholder("appointment", "date", "given"),
        Placeholder("until", "date", "given"),
        Placeholder("days", "days", "given"),
        Placeholder("ceiling", "money", "given"),
    )
}
ALWAYS = frozenset({"bank", "hotline"})
"""These have a value in every text, so words instead of another placeholder may hold them."""

PERSONAL = frozenset(field.name for field in fields(Person)) - PLACEHOLDERS.keys()
"""Of the customer's row: nobody has proven who holds the phone, so no such text tells them (law 10, rules 7)."""

MARK = re.compile(r"\{([^{}]*)\}")
_LOOSE = re.compile(r"[{}]")
_NAMED = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?::(?P<type>[a-z]+))?")

LONGEST: dict[Type, int] = {"text": 60, "person": 30, "money": 20, "date": 12, "days": 12, "link": 120, "phone": 20}
_PHONE = re.compile(r"\+?[0-9][0-9-]{2,18}")
_LINK = re.compile(r"(?:https://|http://(?:localhost|127\.[0-9.]+|\[::1\])[:/])[!-z|~]+")
"""A link of this machine alone is one of a trial; whether it may leave is the gate's to say (`Draft.trial`)."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_BREAKS = frozenset("{}【】[]<>")
"""What would open a placeholder, or a name of somebody else in front of the text."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_PRODUCTS = {
    "consumer": {"zh-CN": "消费贷", "en": "personal loan"},
    "business": {"zh-CN": "经营贷", "en": "business loan"},
    "mortgage": {"zh-CN": "房贷", "en": "home loan"},
    "car": {"zh-CN": "车贷", "en": "car loan"},
}


def marks(words: str) -> Iterator[str]:
    """What stands in braces, as written and without them, in order; a brace that stands alone is one as well."""
    for found in MARK.finditer(words):
        yield found[1]
    yield from _LOOSE.findall(MARK.sub("", words))


def named(mark: str) -> tuple[str, str]:
    """`until:date` -> ("until", "date"); `until` -> ("until", ""); anything else -> ("", "")."""
    found = _NAMED.fullmatch(mark)
    return (found["name"], found["type"] or "") if found else ("", "")


def fits(value: str, kind: Type) -> bool:
    """Whether a written value may stand in a text: neither empty nor too long, on one line, nothing unseen, and nothing
    that could be read as a placeholder or as a sender's name."""
    if not value.strip() or len(value) > LONGEST[kind] or not value.isprintable() or not _BREAKS.isdisjoint(value):
        return False
    if kind == "link":
        return _LINK.fullmatch(value) is not None
    return kind != "phone" or _PHONE.fullmatch(value) is not None


def written(kind: Type, value: Any, language: str) -> str:
    """A value in the form of its type: 5,360.00 · 8月25日, 25 Aug · 3天, 3 days; "" for one that is none of its type.

    `value`: as a row or an event has it: text, a number, a date or its ISO form; a `product` by its code."""
    text = " ".join(str(value).split()) if value is not None and not isinstance(value, bool) else ""
    form = {"money": _money, "date": _date, "days": _days}.get(kind, _text)
    said = form(text, language)
    return said if fits(said, kind) else ""


def _text(said: str, language: str) -> str:
    if said in _PRODUCTS:
        return _PRODUCTS[said].get(language, "")
    said = "".join(char for char in said if unicodedata.category(char) != "Cf")
    return "" if language == "en" and _HAN.search(said) else said


def _money(said: str, _: str) -> str:
    try:
        amount = Decimal(said.replace(",", ""))
    except InvalidOperation:
        return ""
    return f"{amount:,.2f}" if amount.is_finite() and 0 <= amount < 10**12 else ""


def _date(said: str, language: str) -> str:
    try:
        day = date.fromisoformat(said[:10])
    except ValueError:
        return ""
    return f"{day.day} {_MONTHS[day.month - 1]}" if language == "en" else f"{day.month}月{day.day}日"


def _days(said: str, language: str) -> str:
    if not (said.isascii() and said.isdigit() and len(said) < 5):
        return ""
    count = int(said)
    return (f"{count} day" if count == 1 else f"{count} days") if language == "en" else f"{count}天"
