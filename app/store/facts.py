"""The facts that a turn rests on, in one statement whatever the length of the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Boolean, Connection, Text, bindparam, text

from app.store.statement import Statement
from app.store.types import Moment

ADVERTISED = timedelta(days=30)
"""How long a commercial text's refusal letters bind us (`domain.md`, rules of sending 2)."""

FACTS = Statement(
    text(
        """
    SELECT
      (SELECT verdict FROM consents WHERE phone = :p AND scope = 'commercial' ORDER BY id DESC LIMIT 1) AS commercial,
      (SELECT verdict FROM consents WHERE phone = :p AND scope = 'reminders' ORDER BY id DESC LIMIT 1) AS reminders,
      (SELECT verdict FROM consents WHERE phone = :p AND scope = 'gateway' ORDER BY id DESC LIMIT 1) AS gateway,
      (SELECT starts_at FROM callbacks WHERE phone = :p AND state = 'booked') AS callback,
      (SELECT state FROM tickets WHERE phone = :p AND kind = 'talk' AND state <> 'closed') AS ticket,
      (SELECT body FROM messages WHERE phone = :p ORDER BY id DESC LIMIT 1) AS last_said,
      (SELECT body FROM messages WHERE phone = :p AND purpose = 'commercial' AND state = 'handed'
         AND created_at > :since ORDER BY id DESC LIMIT 1) AS last_offer,
      EXISTS (SELECT 1 FROM inbound WHERE phone = :p AND state = 'waiting' AND id < :before) AS behind,
      c.name AS name, c.title AS title, c.language AS language, count(b.id) OVER () AS owners
    FROM (SELECT 1 AS one) AS o
    LEFT JOIN phone_bindings b ON b.phone = :p AND b.ended_at IS NULL
    LEFT JOIN customers c ON c.customer_id = b.customer_id
    ORDER BY b.id LIMIT 1
    """
    )
    .bindparams(bindparam("since", type_=Moment()))
    .columns(callback=Moment(), behind=Boolean(), name=Text(), title=Text(), language=Text())
)


@dataclass(frozen=True, slots=True)
class Facts:
    """`refused`: scopes refused now. `behind`: an earlier text of this number still waits for its turn. `name` and
    `title` are empty when several customers share the number: none of them is named to another."""

    refused: frozenset[str]
    callback: datetime | None
    ticket: str
    last_said: str
    last_offer: str
    behind: bool
    name: str
    title: str
    language: str


def gather(connection: Connection, phone: str, now: datetime, before: int = 0) -> Facts:
    """`before`: an inbound id; texts stored earlier that wait make `behind` true."""
    row = FACTS.first(connection, {"p": phone, "since": now - ADVERTISED, "before": before})
    alone = row.owners == 1
    scopes = {"commercial": row.commercial, "reminders": row.reminders, "gateway": row.gateway}
    return Facts(
        refused=frozenset(scope for scope, verdict in scopes.items() if verdict == "refused"),
        callback=row.callback,
        ticket=row.ticket or "",
        last_said=row.last_said or "",
        last_offer=row.last_offer or "",
        behind=bool(row.behind),
        name=(row.name or "") if alone else "",
        title=(row.title or "") if alone else "",
        language=row.language or "",
    )
