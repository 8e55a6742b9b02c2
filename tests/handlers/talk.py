"""What several tests of a conversation need: the code out of a text, and one customer's own rows."""

from __future__ import annotations

import re
from typing import Any

from app.store import tables
from tests.rig import Rig

ANN, BEN, CEM = "+8613800138000", "+8613800138001", "+8613800138002"
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


def code_in(answers: list[str]) -> str:
    found = CODE.search(" ".join(answers))
    assert found, answers
    return found[0]


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


def prove(rig: Rig, phone: str = ANN, command: str = "ED") -> list[str]:
    """Asks for a figure and passes the code; what the customer reads then."""
    return rig.say(phone, code_in(rig.say(phone, command)))


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def topics(rig: Rig) -> list[tuple[str, str]]:
    return [(ticket.topic, ticket.state) for ticket in rig.rows(tables.Ticket)]


def last(rig: Rig) -> Any:
    return rig.rows(tables.Message)[-1]
