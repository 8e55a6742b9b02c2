"""The shape of every answer, as `port.Answer` lists them: which facts each outcome has, and what they look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from app.bank.port import Answer, Topic


class Misshapen(ValueError):
    """An answer breaks the contract. The message names the fact, never its value: values are a customer's."""


def money(text: str) -> str:
    """Yuan as the flows expect it, `5360.5` -> `5360.50`. Negative amounts, exponents and separators are refused."""
    if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text, re.ASCII):
        raise ValueError
    return f"{Decimal(text):.2f}"


def day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    return date.fromisoformat(text).isoformat()


def count(text: str) -> str:
    """Days overdue: 1 or more."""
    if not re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII):
        raise ValueError
    return text


def yes_no(text: str) -> str:
    if text not in {"yes", "no"}:
        raise ValueError
    return text


Form = Callable[[str], str]

OPTIONAL = "?"
SHAPES: dict[Topic, dict[str, dict[str, Form]]] = {
    "quota": {
        "found": {"available": money, "limit": money, "expires_on?": day},
        "expired": {"limit": money, "expires_on": day},
        "none": {},
        "other_card": {},
    },
    "repayment": {
        "due": {"amount": money, "due_on": day, "autopay": yes_no, "balance?": money},
        "overdue": {"amount": money, "days": count, "autopay": yes_no},
        "nothing": {},
        "other_card": {},
    },
}


def shaped(topic: Topic, outcome: object, facts: object) -> Answer:
    """The answer with exactly the facts of the contract; others are left out. Raises `Misshapen`."""
    if not isinstance(outcome, str) or outcome not in SHAPES[topic]:
        raise Misshapen(f"an unknown outcome for {topic}")
    if not isinstance(facts, Mapping):
        raise Misshapen("facts is not an object")
    return Answer(outcome, dict(_each(SHAPES[topic][outcome], facts)))


def _each(shape: Mapping[str, Form], facts: Mapping[str, object]) -> list[tuple[str, str]]:
    kept = []
    for named, form in shape.items():
        name = named.removesuffix(OPTIONAL)
        value = facts.get(name)
        if value is None:
            if named.endswith(OPTIONAL):
                continue
            raise Misshapen(f"the fact {name} is missing")
        if not isinstance(value, str):
            raise Misshapen(f"the fact {name} is not a string")
        try:
            kept.append((name, form(value)))
        except ValueError:
            raise Misshapen(f"the fact {name} is not in the form of a {form.__name__}") from None
    return kept
