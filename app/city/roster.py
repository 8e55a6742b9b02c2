"""Who lives in the city: numbers, characters, and the figures that only they may hear."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHARACTERS = {
    "plain": 30,
    "impatient": 20,
    "slow": 10,
    "confused": 12,
    "opted-out": 12,
    "two phones": 8,
    "auto-responder": 4,
    "attacker": 4,
}
"""How many of a hundred have each."""


@dataclass(frozen=True, slots=True)
class Customer:
    """`phones` are E.164. An attacker's are bound to nobody: `customer_id` is empty then, and so are `figures`."""

    number: int
    character: str
    phones: tuple[str, ...]
    customer_id: str
    figures: dict[str, str]

    @property
    def amounts(self) -> frozenset[str]:
        """The figures as texts write them: `50,001.11`."""
        return frozenset(f"{float(figure):,.2f}" for figure in self.figures.values())


def settle(seed: int, customers: int) -> list[Customer]:
    """The first ones have one of each character, so that even a village has all."""
    chance = random.Random(f"{seed}:roster")
    drawn = chance.choices(list(CHARACTERS), list(CHARACTERS.values()), k=customers)
    return [_customer(n, character) for n, character in enumerate([*CHARACTERS, *drawn[len(CHARACTERS) :]][:customers])]


def write(file: Path, people: Sequence[Customer]) -> None:
    """The bank's file of them. It knows one number of each; `run` binds the second phone of those who have one."""
    header = ["phone", "customer_id", "name", "title", "language", "card_last4", "limit_expires_on", "due_on"]
    header += ["credit_limit", "available_limit", "loan_balance", "amount_due", "loan_product", "overdue_days"]
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
                        "limit_expires_on": "2027-03-31",
                        "due_on": "2026-06-20",
                        "loan_product": "consumer",
                        "overdue_days": "0",
                        **one.figures,
                    }
                )


def _customer(number: int, character: str) -> Customer:
    phones = [f"+86138{number:08d}"]
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
    return Customer(number, character, tuple(phones), f"C{number}", figures)
