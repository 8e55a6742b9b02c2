"""What an agent asks for: a proof, a fact of the customer, and a note to keep."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.flows.vocabulary import ProofWanted
from app.handlers.agent_acted.holding import NotYours, held, whose
from app.handlers.service import Service
from app.store import notes, people

MOST_NOTE = 2000
FACTS = (
    "phone",
    "name",
    "birthday",
    "email",
    "card_last4",
    "credit_limit",
    "available_limit",
    "limit_expires_on",
    "loan_balance",
    "amount_due",
    "due_on",
    "overdue_days",
    "manager_name",
    "manager_phone",
)
"""What stays masked on a page until somebody asks for it."""


def ask_code(service: Service, ticket_id: int, agent: str, *, address: str = "") -> None:
    """Texts the customer a one-time code; their reply to it is checked by the bot while the agent goes on.

    Raises `NotYours`, and ValueError for a ticket that is no conversation.
    """
    with held(service, ticket_id, agent, address) as act:
        act.require_mine()
        if not act.is_talk:
            raise ValueError("a flag has no conversation in which a code could be asked for")
        act.record("code.ask")
        act.turn(ProofWanted())
        act.tell()


def add_note(
    service: Service,
    ticket_id: int,
    agent: str,
    body: str,
    *,
    supervisor: bool = False,
    token: str = "",
    address: str = "",
) -> None:
    """Keeps a note about the customer that no text ever carries. Raises ValueError for an empty or endless one, and
    `NotYours` where an agent may not read: a closed ticket that was a colleague's.

    `token`: the same one again with the same words (a double click, a page that was sent once more) keeps nothing more.
    """
    words = body.strip()
    if not words:
        raise ValueError("the note is empty")
    if len(words) > MOST_NOTE:
        raise ValueError(f"the note has {len(words)} characters; {MOST_NOTE} are the most")
    with held(service, ticket_id, agent, address) as act:
        if act.ticket.state == "closed" and act.ticket.agent != agent and not supervisor:
            raise NotYours(whose(act.ticket))
        if notes.kept_with(act.connection, ticket_id, agent, token, words):
            return
        note = notes.add(act.connection, act.ticket.phone, ticket_id, agent, words, act.now)
        act.record("note.add", {"note": note, **({"token": token} if token else {})})
        act.tell()


def reveal(
    service: Service, ticket_id: int, agent: str, fact: str, *, supervisor: bool = False, address: str = ""
) -> str:
    """A fact of the customer in full, and a row that says who asked for it. Empty when the bank does not know it.

    An agent may ask in a ticket that they hold, a supervisor in every one. Raises `NotYours`, and ValueError for a
    fact that is none of `FACTS`, or when the number belongs to several customers.
    """
    if fact not in FACTS:
        raise ValueError(f"fact must be one of {', '.join(FACTS)}")
    with held(service, ticket_id, agent, address) as act:
        act.wakes.clear()
        if not supervisor and (act.ticket.state != "claimed" or act.ticket.agent != agent):
            raise NotYours("you can see the customer's facts while the ticket is yours")
        act.record("customer.reveal", {"fact": fact})
        if fact == "phone":
            return str(act.ticket.phone)
        owners = people.bound(act.connection, act.ticket.phone)
        if len(owners) > 1:
            raise ValueError("several customers share this number: ask for the card's last four digits first")
        found = people.customer(act.connection, owners[0].customer_id) if owners else None
        return _plain(found.get(fact)) if found else ""


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return "" if value is None else str(value)
