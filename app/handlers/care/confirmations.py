"""The second channel answers: what the customer said there to the facts of a text (A13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import structlog

from app.companions.port import Forged, Malformed
from app.handlers.service import Service
from app.store import companions

log = structlog.get_logger()

Outcome = Literal["noted", "known", "nobody", "forged", "malformed", "closed"]


def receive(service: Service, headers: Mapping[str, str], body: bytes) -> tuple[Outcome, str]:
    """What became of a call, and a sentence why it was refused. A repeat changes nothing (`known`), nor does an answer
    that comes after another one. `closed`: there is no second channel."""
    if service.second is None:
        return "closed", "there is no second channel"
    try:
        verdict = service.second.read(headers, body)
    except Forged as error:
        return "forged", str(error)
    except Malformed as error:
        return "malformed", str(error)
    with service.database.begin() as connection:
        found = companions.answer(connection, verdict.token, verdict.said, service.clock())
    if found == "noted":
        service.wake("console")
        return "noted", ""
    return ("known", "") if found else ("nobody", "no such confirmation")
