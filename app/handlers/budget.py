"""How much may be sent now: whoever claims texts asks first, so that no row is leased in vain."""

from __future__ import annotations

from typing import Protocol

from app.store import outbox


class Budget(Protocol):
    """The send rate as one lane sees it; `app/worker/budget.py` keeps it. Amounts are parts, as gateways bill them."""

    def ask(self, most: int) -> int:
        """How many parts may leave now, at most `most`. May wait for them; 0 when there are none even then."""

    def settle(self, granted: int, used: int) -> None:
        """What was left over goes back; a text with more parts than were left is charged."""


class NoLimit:
    """For a gateway that takes whatever comes."""

    def ask(self, most: int) -> int:
        del most  # there is always enough
        return outbox.ANY

    def settle(self, granted: int, used: int) -> None:
        del granted, used


NO_LIMIT: Budget = NoLimit()
