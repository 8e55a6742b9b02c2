"""The demo customers that somebody at the phone page can play, and what is special about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import phonenumbers

from app.handlers.service import Service
from app.rules.titles import address
from app.store import threads

STRANGER = "+8613900008888"
"""A number that no customer of the demo data has."""

Trait = tuple[str, str]
"""(kind, value): `overdue` days · `expired` · `limit` yuan · `due` yuan · `settled` · `english` · `shared` number of
customers · `nobody`. Kinds are words of `web/phone/words.toml`."""


@dataclass(frozen=True, slots=True)
class Role:
    """`name` is surname and title, empty when unknown; `last4` the last digits of the number itself."""

    phone: str
    name: str
    language: str
    traits: tuple[Trait, ...]

    @property
    def last4(self) -> str:
        return self.phone[-4:]


def roles(service: Service, most: int = 40) -> list[Role]:
    """One role for each bound number, in the order of the bank's file; the last one is nobody's number."""
    today = service.clock().astimezone(service.zone).date()
    with service.database.begin() as connection:
        rows = threads.bound_customers(connection, most)
    found: dict[str, Role] = {}
    owners: dict[str, int] = {}
    for row in rows:
        phone = row["phone"]
        owners[phone] = owners.get(phone, 0) + 1
        if phone in found:
            found[phone] = replace(found[phone], traits=(("shared", str(owners[phone])),))
        else:
            name = address(row["name"], row["title"], "zh-CN")
            found[phone] = Role(phone, name, row["language"], _traits(row, today))
    found.setdefault(STRANGER, Role(STRANGER, "", "", (("nobody", ""),)))
    return list(found.values())


def number(typed: str) -> str | None:
    """What somebody typed as a phone number, as E.164 (mainland China when there is no country code), or None."""
    try:
        parsed = phonenumbers.parse(typed[:32], "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _traits(row: Mapping[Any, Any], today: date) -> tuple[Trait, ...]:
    """At most two, the rarest first: a list of everything would hide what a role is good for."""
    traits: list[Trait] = []
    if row["overdue_days"]:
        traits.append(("overdue", str(row["overdue_days"])))
    if row["language"].startswith("en"):
        traits.append(("english", ""))
    if row["limit_expires_on"] and row["limit_expires_on"] < today:
        traits.append(("expired", ""))
    elif row["available_limit"] is not None:
        traits.append(("limit", f"{row['available_limit']:,.0f}"))
    if row["amount_due"]:
        traits.append(("due", f"{row['amount_due']:,.2f}"))
    if row["settled_on"]:
        traits.append(("settled", ""))
    return tuple(traits[:2])
