"""The facts that a turn rests on, in one statement whatever the length of the history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Boolean, Connection, Text, bindparam, text

from app.care.menu import Reply, from_row
from app.store.months import RECENT
from app.store.statement import Statement
from app.store.types import Moment

ADVERTISED = timedelta(days=30)
"""How long a commercial text's refusal letters bind us (`domain.md`, rules of sending 2)."""

WRITTEN_BY_US = ("import", "moved")
"""Sources of a refusal that the customer did not text: the bank's file said it, or it followed them to a new number."""
LEFT = frozenset({"sending", "handed", "unsettled"})
"""States of a text of ours that the customer may have read."""
_STANDS = f"CASE WHEN verdict = 'refused' AND source IN {WRITTEN_BY_US} THEN 'told' ELSE verdict END"

MOST_OCCASIONS = 3
"""Of the texts that began conversations, so many can be meant by an answer."""
_OCCASIONS = {
    "sqlite": ("json_group_array(json_object({columns}))", "json(menu)"),
    "postgresql": ("CAST(json_agg(json_build_object({columns})) AS text)", "menu"),
}
"""By database: several rows in one column, and a JSON column in it."""


def _occasions(database: str) -> str:
    """The number's last texts that began conversations, as JSON; nothing but a look into an index without any."""
    several, menu = _OCCASIONS[database]
    columns = (
        "'id', id, 'programme', programme, 'template', template, 'kind', kind, 'purpose', purpose,"
        f" 'menu', {menu}, 'at', queued_at, 'went', went, 'told', told"
    )
    return f"""
      (SELECT {several.format(columns=columns)} FROM (
         SELECT o.id, o.programme, o.template, o.kind, o.purpose, o.menu, o.queued_at,
           (SELECT max(CASE WHEN id = o.message_id AND coalesce(handed_at, :heard) <= :heard THEN state END) || ' '
                || count(CASE WHEN substr(template, 1, 5) <> 'care.' AND created_at <= :heard THEN 1 END)
              FROM messages WHERE phone = :p AND id >= o.message_id {RECENT[database]}) AS went,
           (SELECT count(*) FROM responses WHERE occasion_id = o.id AND choice = 'no') AS told
         FROM occasions o
         WHERE o.phone = :p AND o.state = 'queued' AND o.queued_at > :since AND o.queued_at <= :heard
         ORDER BY o.queued_at DESC, o.id DESC LIMIT {MOST_OCCASIONS}) AS last) AS occasions"""


_SQL = f"""
    SELECT
      (SELECT {_STANDS} FROM consents WHERE phone = :p AND scope = 'commercial' ORDER BY id DESC LIMIT 1) AS commercial,
      (SELECT {_STANDS} FROM consents WHERE phone = :p AND scope = 'reminders' ORDER BY id DESC LIMIT 1) AS reminders,
      (SELECT verdict FROM consents WHERE phone = :p AND scope = 'gateway' ORDER BY id DESC LIMIT 1) AS gateway,
      (SELECT starts_at FROM callbacks WHERE phone = :p AND state = 'booked') AS callback,
      (SELECT state FROM tickets WHERE phone = :p AND kind = 'talk' AND state <> 'closed') AS ticket,
      (SELECT body FROM messages WHERE phone = :p {{recent}} ORDER BY id DESC LIMIT 1) AS last_said,
      (SELECT body FROM messages WHERE phone = :p AND purpose = 'commercial' AND state = 'handed'
         AND created_at > :since {{recent}} ORDER BY id DESC LIMIT 1) AS last_offer,
      {{occasions}},
      EXISTS (SELECT 1 FROM inbound WHERE phone = :p AND state = 'waiting' AND id < :before) AS behind,
      c.name AS name, c.title AS title, c.language AS language, count(b.id) OVER () AS owners
    FROM (SELECT 1 AS one) AS o
    LEFT JOIN phone_bindings b ON b.phone = :p AND b.ended_at IS NULL
    LEFT JOIN customers c ON c.customer_id = b.customer_id
    ORDER BY b.id LIMIT 1
"""
SQL = {name: _SQL.format(recent=recent, occasions=_occasions(name)) for name, recent in RECENT.items()}
"""By database."""
FACTS = Statement(
    {
        name: text(sql)
        .bindparams(bindparam("since", type_=Moment()), bindparam("heard", type_=Moment()))
        .columns(callback=Moment(), behind=Boolean(), name=Text(), title=Text(), language=Text(), occasions=Text())
        for name, sql in SQL.items()
    }
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A text that began a conversation and that the gateway took. `id`: its occasion. `at`: when it was queued.
    `answered`: how many texts of another kind the customer got since: answers, codes, reminders of callbacks.
    `declined`: the customer said no to it."""

    id: int
    programme: str
    template: str
    kind: str
    purpose: str
    menu: tuple[Reply, ...]
    at: datetime
    answered: int
    declined: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """`refused`: scopes refused now; `told`: those of them that the customer never refused by text. `behind`: an
    earlier text of this number still waits for its turn. `name` and `title` are empty when several customers share the
    number: none of them is named to another. `last_said`: our last text, if it is of the last two months or so.
    `begun`: the last texts that began conversations, the newest first."""

    refused: frozenset[str]
    told: frozenset[str]
    callback: datetime | None
    ticket: str
    last_said: str
    last_offer: str
    behind: bool
    name: str
    title: str
    language: str
    begun: tuple[Begun, ...] = ()


def gather(
    connection: Connection, phone: str, now: datetime, before: int = 0, heard_at: datetime | None = None
) -> Facts:
    """`before`: an inbound id; texts stored earlier that wait make `behind` true. `heard_at`: when the text came that
    this is for, if not just now: it answers nothing that was said later."""
    heard = heard_at or now
    row = FACTS.first(connection, {"p": phone, "since": now - ADVERTISED, "before": before, "heard": heard})
    alone = row.owners == 1
    scopes = {"commercial": row.commercial, "reminders": row.reminders, "gateway": row.gateway}
    return Facts(
        refused=frozenset(scope for scope, verdict in scopes.items() if verdict in {"refused", "told"}),
        told=frozenset(scope for scope, verdict in scopes.items() if verdict == "told"),
        callback=row.callback,
        ticket=row.ticket or "",
        last_said=row.last_said or "",
        last_offer=row.last_offer or "",
        behind=bool(row.behind),
        name=(row.name or "") if alone else "",
        title=(row.title or "") if alone else "",
        language=row.language or "",
        begun=_begun(row.occasions) if row.occasions else (),
    )


def _begun(occasions: str) -> tuple[Begun, ...]:
    read = []
    for one in json.loads(occasions):
        state, _, answered = (one["went"] or "").partition(" ")
        if state not in LEFT:
            continue
        read.append(
            Begun(
                id=one["id"],
                programme=one["programme"],
                template=one["template"],
                kind=one["kind"],
                purpose=one["purpose"],
                menu=from_row(one["menu"]),
                at=_moment(one["at"]),
                answered=int(answered),
                declined=bool(one["told"]),
            )
        )
    return tuple(sorted(read, key=lambda begun: (begun.at, begun.id), reverse=True))


def _moment(told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
