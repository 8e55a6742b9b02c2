"""What the page of a talk shows, put together from what was read: standing, locks, facts, and whom it can go to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Connection

from app.handlers.agent_acted.asking import FACTS
from app.handlers.agent_acted.guiding import Mailing, mailing
from app.handlers.agent_acted.handing import OUTCOMES
from app.handlers.service import Service
from app.handlers.talk_read import Opened
from app.rules import canned as fills
from app.rules.titles import address
from app.store import agents, canned, presence
from app.store.agents import Agent
from app.store.queue import QueueRow
from app.store.talks import Talk
from app.web.console import names, words
from app.web.console.desk.transcript import Transcript, transcript
from app.web.console.refusals import whose

MONEY = {"credit_limit", "available_limit", "loan_balance", "amount_due"}
FOR_FLAGS = ("answered", "wrong_person", "duplicate")
TEAMS = (
    "complaint",
    "hardship",
    "repayment",
    "early_repayment",
    "quota",
    "callback",
    "fraud",
    "application",
    "closing",
)
"""Skills that a conversation can be handed on to."""
SLOTS = {"callback": "from", "promise": "day", "quota": "last4", "owed": "last4"}
"""Flows that can be entered with something that the agent already knows: the slot that it fills."""
NOT_INTO = {
    "human",
    "handback",
    "unclear",
    "menu",
    "optout",
    "proof",
    "check",
    "survey",
    "late_code",
    "no_code",
    "wrong_person",
    "complaint",
    "callback_move",
    "callback_cancel",
    "who_are_you",
}
"""Flows that lead to a person, answer one remark, or belong to the bot's own doings."""


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    label: str
    masked: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A ready-made reply with its placeholders filled for this customer."""

    shortcut: str
    topic: str
    body: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """`standing`: mine · waiting · theirs · closed. `locked`: why nothing can be sent, empty when it can.
    `no_offers`: why no offer can be sent, empty when one can."""

    row: QueueRow
    talk: Talk
    mine: list[QueueRow]
    transcript: Transcript
    now: datetime
    standing: str
    locked: str
    no_offers: str
    verified_until: datetime | None
    code_asked: bool
    looking: list[presence.Looking]

    @property
    def is_talk(self) -> bool:
        return self.row.kind == "talk"


def shown(service: Service, opened: Opened, agent: Agent, people: list[presence.Looking]) -> Shown:
    """What changes while the page is open. It is rendered anew whenever something happened in the talk."""
    row, talk, now = opened.row, opened.talk, service.clock()
    conversation = talk.conversation
    until = conversation.verified_until if conversation else None
    place = conversation.place if conversation else None
    if row.state == "closed":
        standing = "closed"
    elif row.state == "waiting":
        standing = "waiting"
    else:
        standing = "mine" if row.agent == agent.name else "theirs"
    return Shown(
        row=row,
        talk=talk,
        mine=opened.mine,
        transcript=transcript(talk, service.zone),
        now=now,
        standing=standing,
        locked=_locked(row, standing, talk),
        no_offers=_no_offers(talk),
        verified_until=until if until and until > now else None,
        code_asked=bool(place and place.flow in {"check", "proof"}),
        looking=[one for one in people if one.agent != agent.name],
    )


def _locked(row: QueueRow, standing: str, talk: Talk) -> str:
    if row.kind == "flag":
        return _("A flag has no conversation to take over: deal with it, and close it.")
    if standing != "mine":
        return whose(row)
    gateway = talk.refused.get("gateway")
    if gateway is not None and gateway.verdict == "refused":
        return _("The carrier blocks this number: the customer has to send START first.")
    return ""


def _no_offers(talk: Talk) -> str:
    row = talk.refused.get("commercial")
    if row is None or row.verdict != "refused":
        return ""
    return _("The customer refuses offers (%(how)s).", how=names.named(names.SOURCES, row.source))


def facts(talk: Talk) -> list[Fact]:
    """What the bank knows of the customer, without the values: a value is shown on demand, which is recorded."""
    known = {"phone": talk.ticket.phone, **(talk.customer or {})}
    found = [name for name in FACTS if known.get(name) not in (None, "")]
    return [Fact(name, names.named(names.FACTS, name), _mask(name, known)) for name in found]


def _mask(name: str, known: dict[str, Any]) -> str:
    if name == "phone":
        return words.tail(known["phone"])
    if name == "name":
        return address(known["name"], known.get("title", ""), "zh-CN") or "••"
    return "••••"


def fact_words(fact: str, value: str) -> str:
    """A revealed value as it is read: amounts with their currency, days with their unit."""
    if not value:
        return _("unknown to the bank")
    if fact in MONEY:
        return _("%(amount)s yuan", amount=value)
    return _("%(count)s days", count=value) if fact == "overdue_days" else value


def flows(service: Service) -> list[tuple[str, str, str]]:
    """(flow, title, slot): where a conversation can be handed back into."""
    opened = {opener.flow for opener in service.catalogue.openers.values()} | {
        name for name in service.catalogue.flows if name.startswith("guide_")
    }
    named = ((flow, names.flow_name(flow), SLOTS.get(flow, "")) for flow in sorted(opened - NOT_INTO))
    return sorted((one for one in named if one[1]), key=lambda one: (one[0].startswith("guide_"), one[1]))


def outcomes(row: QueueRow) -> list[tuple[str, str]]:
    kinds: Iterable[str] = OUTCOMES if row.kind == "talk" else FOR_FLAGS
    done = _("Dealt with")
    return [(kind, done if row.kind == "flag" and kind == "answered" else names.outcome_name(kind)) for kind in kinds]


def colleagues(connection: Connection, agent: Agent, now: datetime) -> list[Any]:
    """Who else takes tickets: those who are there first. Rows of `agents`."""
    found = [
        row
        for row in agents.listed(connection)
        if row.role in {"agent", "supervisor"} and row.disabled_at is None and row.name != agent.name
    ]
    return sorted(found, key=lambda row: (not is_there(row, now), row.name))


def is_there(row: Any, now: datetime) -> bool:
    return row.status == "available" and row.alive_until is not None and row.alive_until > now


def replies(connection: Connection, service: Service, seen: Shown, agent: Agent) -> list[Reply]:
    """Ready-made replies in the customer's language, those of the ticket's topic first."""
    language = seen.talk.conversation.language if seen.talk.conversation else service.language
    values = {
        "customer": address(seen.row.name, seen.row.title, language),
        "agent": agent.name,
        "hotline": service.hotline,
        "bank": service.name(language),
    }
    found = [
        Reply(row.shortcut, row.topic, fills.fill(row.body, values), row.topic == seen.row.topic)
        for row in canned.listed(connection, language)
    ]
    return sorted(found, key=lambda reply: (not reply.fits, bool(reply.topic), reply.shortcut))


def guide_mail(connection: Connection, service: Service, seen: Shown) -> Mailing | None:
    """What picture guides can be sent; None where none can, or where it is nobody's to send."""
    conversation = seen.talk.conversation
    if conversation is None or not seen.is_talk or seen.standing != "mine":
        return None
    return mailing(service, connection, conversation, seen.row.place)


def token() -> str:
    """One for each text that is to be sent: the same one twice sends once."""
    return uuid.uuid4().hex
