"""What the gate is asked about, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from app.rules.purpose import Purpose

Level = Literal["refuse", "warn"]


def _none(_: str) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text before it is queued.

    `words`: as written, with or without the bank's signature in front. `signature`: what the bank's texts begin with
    (`【示例银行】`, `[Example Bank] `), put in front when the words lack it; "" when the route signs on its own.
    `verified`: the number has passed a one-time code and may hear figures. `code_open`: a one-time code of ours is on
    its way or open, so that the text may ask for it. `refused`: scopes of the consent ledger (`commercial`,
    `reminders`, `gateway`). `domains`: where links may lead; their subdomains are meant too. `hotline`, `phones`:
    telephone numbers that may be told (the desk's, a manager's). `names`: full names that must not be told, the
    customer's. `secrets_in`: the kinds of secret in a text, `app.flows.reading.masking.secrets_in`; one function for
    all texts, since what it finds is remembered with the words. `trial`: the
    address of a service that somebody tries on their own machine (`http://127.0.0.1:8000`), whose links have no https;
    empty wherever a text can reach a customer.
    """

    words: str
    language: str
    purpose: Purpose
    count_parts: Callable[[str], int]
    signature: str = ""
    verified: bool = False
    code_open: bool = False
    refused: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    hotline: str = ""
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    secrets_in: Callable[[str], Iterable[str]] = _none
    trial: str = ""
    most_parts: int = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """`code`: a key of `CODES`. `words`: what was found, as it stands in the text; "" for what is missing from it."""

    code: str
    words: str
    level: Level


@dataclass(frozen=True, slots=True)
class Verdict:
    """`allowed`: no reason is a refusal. `body`: the text as it would leave, signed; `parts`: its SMS parts."""

    allowed: bool
    reasons: tuple[Reason, ...]
    parts: int
    body: str

    @property
    def refusals(self) -> tuple[Reason, ...]:
        """The reasons for which the text may not leave."""
        return tuple(reason for reason in self.reasons if reason.level == "refuse")
