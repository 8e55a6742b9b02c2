"""What became of texts, counted: the funnel from the plan to the contract, for any group of occasions (B8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter

CONVERTED_WITHIN_DAYS = 30
"""A customer's event counts as the success of a text that left at most so long before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Occasions, each counted once in every field that is true of it.

    planned: all · waiting: their slot has not come · held: never left · queued: left the plan · handed: the gateway has
    it · delivered: on the handset, as the gateway says · followed: a person opened the link · replied: any answer ·
    chosen: of its menu, or agreed · handed_over: came to an agent · converted: did what it is for · refused ·
    complained · engaged: followed, or answered other than by refusing or complaining · guessed: answers that may have
    meant another text (confidence under a half).
    """

    planned: int = 0
    waiting: int = 0
    held: int = 0
    queued: int = 0
    handed: int = 0
    delivered: int = 0
    followed: int = 0
    replied: int = 0
    chosen: int = 0
    handed_over: int = 0
    converted: int = 0
    refused: int = 0
    complained: int = 0
    annoyed: int = 0
    engaged: int = 0
    guessed: int = 0

    @property
    def reached(self) -> int:
        """What shares are counted of: the delivered; where no receipt came at all, what the gateway took. Never fewer
        than what came back: a receipt may be lost, and the text was answered all the same."""
        return max(self.delivered or self.handed, self.followed, self.replied, self.converted, self.engaged)


NAMES = tuple(field.name for field in fields(Counts))
ALL = attrgetter(*NAMES)
FUNNEL = ("planned", "queued", "handed", "delivered", "followed", "replied", "chosen", "handed_over", "converted")
"""The steps in their order. Not each is a part of the one before: a reply needs no followed link."""


def total(counts: Iterable[Counts]) -> Counts:
    """All of them together; quick for tens of thousands."""
    columns = zip(*map(ALL, counts), strict=True)
    return Counts(**dict(zip(NAMES, map(sum, columns), strict=False)))
