"""What customers answer to a text of a programme, and when: drawn from the seed, by who they are."""

from __future__ import annotations

import random

from app.city.campaigns import told_by
from app.city.roster import LISTENER

PATIENT = frozenset({"plain", "slow", "two phones", "careless", LISTENER})
TAKES_UP = {"impatient": 0.8, "opted-out": 0.1, **dict.fromkeys(PATIENT, 0.5)}
"""How many take up what the text invites to: a key of its menu, or a word for it."""
REFUSES = {"opted-out": 0.7, **dict.fromkeys(PATIENT, 0.01)}
"""And how many want no more of them. All others say nothing, or what they wanted to say in any case."""


def reply(seed: int, number: int, character: str, body: str) -> tuple[str, float] | None:
    """What they say to a text of ours with that body, after how many seconds of the city; None when nothing."""
    found = told_by(body)
    if found is None:
        return None
    campaign, again = found
    chance = random.Random(f"{seed}:reply:{number}:{campaign.key}:{again}")
    drawn, wait = chance.random(), chance.uniform(1, 5) if character == "impatient" else chance.uniform(5, 60)
    takes_up = TAKES_UP.get(character, 0.0)
    if drawn < takes_up:
        return chance.choice(campaign.menu(body)), wait
    return ("TD", wait) if drawn < takes_up + REFUSES.get(character, 0.0) else None
