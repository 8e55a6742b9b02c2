"""Who lives in the city: numbers, characters, the figures that only they may hear, and what the bank writes about."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

CHARACTERS = {
    "plain": 26,
    "impatient": 16,
    "slow": 8,
    "confused": 10,
    "opted-out": 12,
    "two phones": 8,
    "auto-responder": 4,
    "attacker": 4,
    "careless": 4,
    "angry": 4,
    "stranger": 2,
    "echo": 2,
}
"""How many of a hundred have each."""
LISTENER = "listener"
"""Who says nothing unless a text of a programme comes."""


HOME, AWAY = "Asia/Shanghai", "America/New_York"
NO_CONSENT = frozenset({"angry", "stranger", "auto-responder", "echo"})
"""Who agreed to no offers; of those who opt out, three in four."""
HISTORY = {
    0: (("care", date(2026, 6, 2)), ("care", date(2026, 6, 4))),
    1: (("activity", date(2026, 5, 12)), ("activity", date(2026, 6, 3))),
}
"""By a customer's number modulo 7, what they had been sent before the city began: no more of it may come this month."""


@dataclass(frozen=True, slots=True)
class Customer:
    """`phones` are E.164. An attacker's are bound to nobody: `customer_id` is empty then, and so are `figures` and
    `facts`, the other columns of the bank's file. `zone`: where they live. `history`: kind and day of texts of
    programmes that they had."""

    number: int
    character: str
    phones: tuple[str, ...]
    customer_id: str
    figures: dict[str, str]
    facts: dict[str, str] = field(default_factory=dict)
    zone: str = HOME
    history: tuple[tuple[str, date], ...] = ()

    @property
    def amounts(self) -> frozenset[str]:
        """The figures as texts write them: `50,001.11`."""
        return frozenset(f"{float(figure):,.2f}" for figure in self.figures.values())

    @property
    def agreed(self) -> frozenset[str]:
        """The numbers for which they agreed to offers before the city began."""
        return frozenset(self.phones[:1] if self.facts.get("marketing_consent") == "yes" else ())


def settle(seed: int, customers: int) -> list[Customer]:
    """So many who text, and a third as many listeners behind them. The first ones have one of each character, so that
    even a village has all."""
    chance = random.Random(f"{seed}:roster")
    drawn = chance.choices(list(CHARACTERS), list(CHARACTERS.values()), k=customers)
    texting = [*CHARACTERS, *drawn[len(CHARACTERS) :]][:customers]
    return [_customer(n, character) for n, character in enumerate([*texting, *[LISTENER] * (customers // 3)])]


def write(file: Path, people: Sequence[Customer]) -> None:
    """The bank's file of them. It knows one number of each; `run` binds the second phone of those who have one."""
    header = ["phone", "customer_id", "name", "title", "language", "card_last4", "loan_product", "overdue_days"]
    header += ["credit_limit", "available_limit", "loan_balance", "amount_due", "opened_on", *FACTS]
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.DictWriter(opened, header)
        rows.writeheader()
        for one in people:
            if one.customer_id:
                rows.writerow(
                    {
                        "phone": one.phones[0],
                        "customer_id": one.customer_id,
                        "name": "王建国",
                        "title": "先生",
                        "language": "en" if one.number % 10 == 9 else "zh-CN",
                        "card_last4": f"{one.number % 10000:04d}",
                        "loan_product": "consumer",
                        "overdue_days": "0",
                        "opened_on": "2020-01-15",
                        **one.figures,
                        **one.facts,
                    }
                )


def _customer(number: int, character: str) -> Customer:
    far = character != "two phones" and number % 25 == 24
    phones = [f"+1646{5_000_000 + number}" if far else f"+86138{number:08d}"]
    if character == "two phones":
        phones.append(f"+86139{number:08d}")
    if character == "attacker":
        return Customer(number, character, tuple(phones), "", {})
    # No two customers have an amount in common, so that a figure tells whose it is.
    figures = {
        "credit_limit": f"{100_000 + number}.00",
        "available_limit": f"{50_000 + number}.11",
        "loan_balance": f"{20_000 + number}.22",
        "amount_due": f"{1_000 + number}.33",
    }
    # Rows of the past are of one number.
    history = HISTORY.get(number % 7, ()) if len(phones) == 1 else ()
    zone = AWAY if far else HOME
    return Customer(number, character, tuple(phones), f"C{number}", figures, _facts(number, character), zone, history)


def _facts(number: int, character: str) -> dict[str, str]:
    """What makes the bank write to them on the city's day. Angry people and strangers, whose complaints soon stop a
    programme, have to do with one alone."""
    calm = character not in {"angry", "stranger"}
    agrees = number % 4 == 0 if character == "opted-out" else character not in NO_CONSENT
    soon = calm and number % 5 < 3
    return {
        "limit_expires_on": "2027-03-31" if calm and number % 5 != 4 and number % 15 != 3 else "2026-07-01",
        "due_on": "2026-06-15" if soon else "2026-06-20",
        "autopay": "yes" if number % 2 else "no",
        "birthday": "1986-06-10" if calm and number % 5 == 3 else "1986-11-02",
        "marketing_consent": "yes" if agrees else "unknown",
        "consent_source": "branch" if agrees else "",
    }


FACTS = tuple(_facts(0, "plain"))
