"""Which tables are kept for how long, and which rows stay though they are past their time, by the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, literal, or_, select

from app.rules.retention import Kind
from app.store import tables
from app.store.types import Moment

INBOUND, MESSAGE, RECEIPT, TICKET = tables.Inbound, tables.Message, tables.Receipt, tables.Ticket
CONSENT, BINDING, CONVERSATION, AUDIT = tables.Consent, tables.PhoneBinding, tables.Conversation, tables.Audit
OCCASION, LINK, VISIT, COMPANION = tables.Occasion, tables.Link, tables.Visit, tables.Companion
NEAR = bindparam("near", type_=Moment())
CUTOFF = bindparam("cutoff", type_=Moment())
OPEN_TICKET = "its number has an open ticket"


def _open_ticket(phone: Any) -> ColumnElement[bool]:
    """The number has a ticket that was open already when the text was new: `near` is a day after the cut-off."""
    return exists().where(TICKET.phone == phone, TICKET.state != "closed", NEAR > TICKET.opened_at)


_MESSAGE_STAYS = {
    "its outcome is open": MESSAGE.state.in_(("queued", "sending", "unsettled")),
    OPEN_TICKET: _open_ticket(MESSAGE.phone),
}
_MESSAGE_LIVES = or_(*_MESSAGE_STAYS.values())
_OCCASION_STAYS = {
    "it is planned": OCCASION.state == "planned",
    "its message stays": exists().where(MESSAGE.id == OCCASION.message_id, _MESSAGE_LIVES),
}
_LATER = tables.Consent.__table__.alias("later")
_LIVES = or_(
    exists().where(BINDING.phone == CONSENT.phone, BINDING.ended_at.is_(None)),
    exists().where(CONVERSATION.phone == CONSENT.phone, CUTOFF <= CONVERSATION.updated_at),
    CONSENT.phone.in_(select(BINDING.phone).where(CUTOFF <= BINDING.ended_at)),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A table and its time. A row is past it when `moment` is; `begun`, which the key follows, ends the walk: without
    it the key is a word, and all are walked. `stays`: which rows never go, by the reason."""

    table: type[tables.Base]
    kind: Kind
    moment: Any
    begun: Any
    stays: dict[str, ColumnElement[bool]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)

    @property
    def by_time(self) -> bool:
        return self.begun is not None

    @property
    def key(self) -> Any:
        return next(iter(self.table.__table__.primary_key))

    @property
    def why(self) -> ColumnElement[str]:
        """The reason for which a row stays; empty when it may go."""
        if not self.stays:
            return literal("")
        return case(*((which, literal(why)) for why, which in self.stays.items()), else_=literal(""))


KEPT = (
    Kept(MESSAGE, "texts", MESSAGE.created_at, MESSAGE.created_at, _MESSAGE_STAYS),
    Kept(
        RECEIPT,
        "texts",
        RECEIPT.received_at,
        RECEIPT.received_at,
        {"its message stays": exists().where(MESSAGE.id == RECEIPT.message_id, _MESSAGE_LIVES)},
    ),
    Kept(
        INBOUND,
        "texts",
        INBOUND.received_at,
        INBOUND.received_at,
        {"its turn is open": INBOUND.state == "waiting", OPEN_TICKET: _open_ticket(INBOUND.phone)},
    ),
    Kept(tables.Trace, "texts", tables.Trace.at, tables.Trace.at, {OPEN_TICKET: _open_ticket(tables.Trace.phone)}),
    Kept(tables.OneTimeCode, "texts", tables.OneTimeCode.expires_at, tables.OneTimeCode.issued_at),
    Kept(
        tables.BankQuestion,
        "texts",
        tables.BankQuestion.asked_at,
        tables.BankQuestion.asked_at,
        {"it is not answered": tables.BankQuestion.state == "open"},
    ),
    Kept(tables.Note, "texts", tables.Note.at, tables.Note.at, {OPEN_TICKET: _open_ticket(tables.Note.phone)}),
    Kept(tables.Survey, "texts", tables.Survey.asked_at, tables.Survey.asked_at),
    Kept(
        tables.Call,
        "texts",
        tables.Call.started_at,
        tables.Call.started_at,
        {"it still runs": tables.Call.outcome == ""},
    ),
    Kept(
        tables.Callback,
        "texts",
        tables.Callback.ends_at,
        tables.Callback.booked_at,
        {"it is still booked": tables.Callback.state == "booked"},
    ),
    Kept(TICKET, "texts", TICKET.closed_at, TICKET.opened_at, {"it is open": TICKET.state != "closed"}),
    Kept(OCCASION, "texts", OCCASION.planned_at, OCCASION.planned_at, _OCCASION_STAYS),
    Kept(
        tables.Response,
        "texts",
        tables.Response.at,
        tables.Response.at,
        {OPEN_TICKET: _open_ticket(tables.Response.phone)},
    ),
    Kept(VISIT, "texts", VISIT.at, VISIT.at),
    Kept(
        LINK,
        "texts",
        LINK.expires_at,
        None,
        {
            "it was opened lately": exists().where(VISIT.code == LINK.code, CUTOFF <= VISIT.at),
            "its text stays": exists().where(
                OCCASION.id == LINK.occasion_id, or_(CUTOFF <= OCCASION.planned_at, *_OCCASION_STAYS.values())
            ),
        },
    ),
    Kept(tables.CustomerEvent, "texts", tables.CustomerEvent.received_at, tables.CustomerEvent.received_at),
    Kept(
        COMPANION,
        "texts",
        COMPANION.created_at,
        COMPANION.created_at,
        {"it is on its way": COMPANION.state.in_(("queued", "sending"))},
    ),
    Kept(
        tables.PlanRun,
        "texts",
        tables.PlanRun.began_at,
        tables.PlanRun.began_at,
        {"it still runs": tables.PlanRun.state == "running"},
    ),
    Kept(tables.SelfCheck, "texts", tables.SelfCheck.began_at, tables.SelfCheck.began_at),
    Kept(
        CONSENT,
        "consents",
        CONSENT.at,
        CONSENT.at,
        {
            "it is the last word of its number": ~exists().where(
                _LATER.c.phone == CONSENT.phone, _LATER.c.scope == CONSENT.scope, _LATER.c.id > CONSENT.id
            ),
            "its customer is still one": _LIVES,
        },
    ),
    Kept(AUDIT, "audit", AUDIT.at, AUDIT.at),
)
