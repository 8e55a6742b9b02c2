"""The kinds of customer events that are known, and what may stand in their details: `events.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

_SEEN = (
    "!-~\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\ufffc"
    "\U00010000-\U0010ffff"
)
TEXT = f"[{_SEEN}](?:[{_SEEN} ]*[{_SEEN}])?"
AMOUNT = r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
PRODUCTS = ("consumer", "business", "mortgage", "car")


@dataclass(frozen=True, slots=True)
class Form:
    """What may stand in a field: as JSON Schema, as the rest of a sentence that says what it must be, and for text as
    a pattern where the schema would become unreadable."""

    schema: Mapping[str, Any]
    must: str
    pattern: str = ""

    @property
    def whole(self) -> bool:
        """A whole number, and not words."""
        return bool(self.schema["type"] == "integer")

    def fits(self, value: Any) -> bool:
        if self.whole:
            least, most = self.schema["minimum"], self.schema["maximum"]
            return isinstance(value, int) and not isinstance(value, bool) and value in range(least, most + 1)
        if not isinstance(value, str) or len(value) > self.schema["maxLength"]:
            return False
        fits = re.fullmatch(self.pattern or self.schema["pattern"], value)
        return bool(fits) and (self.schema.get("format") != "date" or _is_day(value))


def _words(pattern: str, longest: int, **more: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$", "maxLength": longest, **more}


FORMS: Mapping[str, Form] = {
    "text": Form(
        {"type": "string", "minLength": 1, "maxLength": 80},
        "must be text of 1 to 80 characters that can be seen, with no space at its ends",
        TEXT,
    ),
    "amount": Form(_words(AMOUNT, 15), 'must be an amount in yuan, as a string like "5360.00" without separators'),
    "day": Form(_words(DAY, 10, format="date"), "must be a date like 2026-11-30"),
    "number": Form({"type": "integer", "minimum": 0, "maximum": 10**6}, "must be a whole number, at most 1000000"),
    "product": Form(_words("|".join(PRODUCTS), 10), f"must be one of {', '.join(PRODUCTS)}"),
    "term": Form({"type": "integer", "minimum": 1, "maximum": 480}, "must be a number of months from 1 to 480"),
}


@dataclass(frozen=True, slots=True)
class EventKind:
    """`title`: by language. `detail`: field -> what may stand there."""

    key: str
    title: Mapping[str, str]
    detail: Mapping[str, Form]


@cache
def kinds() -> Mapping[str, EventKind]:
    """By key, in the order of the file. Raises ValueError naming the kind and the field."""
    told = tomllib.loads((files("app.care") / "events.toml").read_text(encoding="utf-8"))
    return {key: _kind(key, given) for key, given in told.items()}


def _kind(key: str, given: Mapping[str, Any]) -> EventKind:
    detail = given.get("detail", {})
    if not re.fullmatch(r"[a-z][a-z_]{2,39}", key) or not {"zh", "en"} <= set(given):
        raise ValueError(f"events.toml: {key} must be lower case and have zh and en")
    if odd := next((field for field, form in detail.items() if form not in FORMS), ""):
        raise ValueError(f"events.toml: {key}.{odd} must be one of {', '.join(FORMS)}")
    return EventKind(
        key, {"zh-CN": given["zh"], "en": given["en"]}, {field: FORMS[form] for field, form in detail.items()}
    )


def detail_of(kind: EventKind, given: Mapping[str, Any]) -> tuple[dict[str, str | int], list[str]]:
    """What is kept, and a sentence for each field that cannot be. Neither values nor unknown names are repeated: they
    may be personal."""
    faults = [f"detail.{field} {kind.detail[field].must}." for field in given if _wrong(kind, field, given[field])]
    if not set(given) <= set(kind.detail):
        known = ", ".join(kind.detail) or "none"
        faults.append(f"detail has a field that {kind.key} does not have; it has: {known}.")
    return {field: given[field] for field in kind.detail if field in given}, faults


def _wrong(kind: EventKind, field: str, value: Any) -> bool:
    return field in kind.detail and not kind.detail[field].fits(value)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
