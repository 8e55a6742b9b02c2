"""What the bank's people have set, as the service obeys it; while nobody has set a thing, its default holds.

Every reader takes the connection of the transaction that it decides in, so a change holds from the next turn on.
Writing is in `options_set.py` and `hours_set.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from app.store import options

ROUTING, ACCESS, SURVEY = "routing", "access", "survey"


@dataclass(frozen=True, slots=True)
class Routing:
    """How a waiting conversation finds its agent. `free`: who claims first · `offer`: to the longest-idle fitting
    agent, for `seconds`, then to the next."""

    mode: Literal["free", "offer"] = "free"
    seconds: int = 15


@dataclass(frozen=True, slots=True)
class Access:
    """What a sign-in asks for. `second_factor`: roles that must have one. `idle_minutes`: after so long without a
    request a session is over."""

    second_factor: frozenset[str] = frozenset()
    idle_minutes: int = 30


def routing(connection: Connection) -> Routing:
    return Routing(**_set(connection, ROUTING))


def access(connection: Connection) -> Access:
    found = _set(connection, ACCESS)
    return Access(**{**found, "second_factor": frozenset(found["second_factor"])}) if found else Access()


def survey_wanted(connection: Connection) -> bool:
    """Whether a customer is asked how it went, after a conversation with a person is closed."""
    return bool(_set(connection, SURVEY).get("wanted", True))


def _set(connection: Connection, name: str) -> dict[str, Any]:
    return options.one(connection, name) or {}
