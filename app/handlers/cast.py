"""The demo customers that somebody at the phone page can play, and what is special about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import phonenumbers

from app.handlers.service import Service
from app.rules.titles import address
from app.store import threads

STRANGER = "+8615400000099"
"""A number that no customer of the demo data has."""

Trait = tuple[str, str]
"""(kind, value): `overdue` days · `english` · `refused` offers · `vip` · `owner` of a business · `settled` · a limit
that is `expired` or `ends` soon · `outdated` information · `due` yuan · `limit` yuan · `shared` by customers with these
card tails · `nobody`. The words for each kind are in `web/phone/words.toml`."""

SOON = timedelta(days=30)
YEAR = timedelta(days=365)
MOST_TRAITS = 2


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
    tails: dict[str, list[str]] = {}
    for row in rows:
        phone = row["phone"]
        tails.setdefault(phone, []).append(row["card_last4"])
        if phone in found:
            found[phone] = replace(found[phone], traits=(("shared", " / ".join(tails[phone])),))
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
    """The rarest first, and few: a list of everything would hide what a role is good for."""
    ends, informed = row["limit_expires_on"], row["info_updated_on"]
    found: list[tuple[object, Trait]] = [
        (row["overdue_days"], ("overdue", str(row["overdue_days"]))),
        (row["language"].startswith("en"), ("english", "")),
        (row["commercial"] == "refused" and not row["overdue_days"], ("refused", "")),
        (row["segment"] in {"vip", "owner"}, (row["segment"], "")),
        (row["settled_on"], ("settled", "")),
        (ends and ends < today, ("expired", "")),
        (ends and today <= ends <= today + SOON, ("ends", "")),
        (informed and informed <= today - YEAR, ("outdated", "")),
        (row["amount_due"], ("due", f"{row['amount_due'] or 0:,.2f}")),
        (ends and ends >= today, ("limit", f"{row['available_limit'] or 0:,.0f}")),
    ]
    return tuple(trait for holds, trait in found if holds)[:MOST_TRAITS]
