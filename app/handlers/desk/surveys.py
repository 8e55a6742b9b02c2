"""How it was: the answer to the one question after a talk (A9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.store import events, surveys

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]

SCORES = {"bad": 1, "poor": 2, "fair": 3, "good": 4, "great": 5}


def keep_score(done: Round, slots: Mapping[str, str]) -> Found:
    """kept · late, when there is nothing to keep it for."""
    score, ticket = SCORES.get(slots.get("score", "")), slots.get("ticket", "")
    if score is None or not ticket.isdecimal():
        return "late", {}
    if not surveys.keep(done.connection, done.conversation.phone, int(ticket), score, done.now):
        return "late", {}
    events.tell(done.connection, "talk", done.now, int(ticket))
    done.wakes.add("console")
    return "kept", {}
