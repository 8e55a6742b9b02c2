"""A refusal in a text whose turn fails for good: it takes effect all the same, without a turn (A4: in any state)."""

from __future__ import annotations

from sqlalchemy import Connection

from app.flows.interrupts import REVOCABLE
from app.flows.reading import SURE, Hearing, read
from app.handlers.care import answers
from app.handlers.service import Service
from app.rules.refusal_words import refusal_words
from app.store import consents, facts, inbox


def keep_refusal(service: Service, connection: Connection, phone: str, inbound_id: int) -> None:
    """Records what a clear refusal ends, if the text is one. Nothing is said: whatever failed could fail again, and the
    ticket tells a person."""
    now = service.clock()
    text = inbox.by_id(connection, inbound_id)
    known = facts.gather(connection, phone, now, heard_at=text.received_at)
    scopes: tuple[str, ...] = ("gateway", "commercial")
    choice = "gateway"
    if text.keyword != "stop":
        told = refusal_words(known.last_offer)
        hearing = Hearing(now.astimezone(service.zone), service.language, refusal_words=told)
        heard = read(text.body, hearing)
        if heard.meaning != "opt_out" or heard.score < SURE:
            return
        choice = heard.values.scope
        scopes = REVOCABLE[heard.values.scope]
    for scope in scopes:
        if consents.verdict(connection, phone, scope) != "refused":
            consents.record(connection, phone, scope, "refused", "reply", f"inbound:{inbound_id}", now)
    texts = answers.offered(known.begun, service.zone, text.received_at)
    answers.keep_refusal(connection, texts, choice, inbound_id, phone, text.received_at)
