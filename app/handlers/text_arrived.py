"""A text arrived: stored before it is acknowledged, taken once, in order (laws 1 to 4)."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import structlog

from app.flows.reading.masking import mask
from app.flows.vocabulary import Heard, Opened
from app.gateways.port import InboundText
from app.handlers.refusal_kept import keep_refusal
from app.handlers.service import Service
from app.handlers.turns import Round, is_code, take
from app.store import conversations, facts, inbox, tickets
from app.store.clean import storable
from app.store.database import is_passing
from app.store.inbox import NewText
from app.store.patience import TooSlow, patience

log = structlog.get_logger()

Outcome = Literal["taken", "repeat", "later", "kept"]
"""taken: its turn is done · repeat: delivered before · later: stored, the worker takes it · kept: stored, and
nobody could read an answer (short codes, our own number)."""

TRIES_AT_ONCE = 3
MOST_FAILURES = 3
RETRY_AFTER = timedelta(seconds=5)
HIDDEN = "••••••"
CODES = re.compile(r"(?<!\d)\d{4,8}(?!\d)")
MOST_ID, MOST_ADDRESS = 80, 32
"""Characters of the columns of `inbound`. A longer address is a name (an RCS agent's), to which nobody answers."""


def receive(service: Service, text: InboundText) -> Outcome:
    """Stores a text and takes its turn. Raises only when it could not be stored: the gateway must then try again."""
    new = _masked(service, text)
    if not text.answerable or new.phone in service.own_numbers or new.phone == new.recipient:
        with service.database.begin() as connection:
            known = inbox.add(connection, new, service.clock()) is None
        return "repeat" if known else "kept"
    try:
        with patience(service.turn_may_take):
            return _take_now(service, new, _heard(text))
    except Exception as error:
        # Law 1 before everything: whatever went wrong with the turn, the text itself must be kept.
        log.error("turn_failed", error=type(error).__name__, exc_info=not is_passing(error))
        return _store_alone(service, new, in_order=not (is_passing(error) or isinstance(error, TooSlow)))


def _take_now(service: Service, new: NewText, heard: Heard) -> Outcome:
    for tries_left in reversed(range(TRIES_AT_ONCE)):
        try:
            return _once(service, new, heard)
        except Exception as error:
            if not tries_left or not is_passing(error):
                raise
    raise AssertionError("the loop returns or raises")


def _once(service: Service, new: NewText, heard: Heard) -> Outcome:
    now = service.clock()
    with service.database.begin() as connection:
        # Held before it is stored: so ids follow the order in which the customer's texts take effect (law 3).
        conversation = conversations.hold(connection, new.phone, service.language, now)
        inbound_id = inbox.add(connection, new, now)
        if inbound_id is None:
            return "repeat"
        known = facts.gather(connection, new.phone, now, before=inbound_id)
        if known.behind:
            inbox.put_off(connection, inbound_id)
            done = None
        else:
            done = take(service, connection, conversation, heard, known=known, inbound_id=inbound_id)
            _hide_code(done, inbound_id, new.body, new.raw)
    wake(service, done)
    return "taken" if done else "later"


def take_waiting(service: Service, phone: str) -> bool:
    """Takes the turn of the oldest text of a number that was stored alone. False when none is due."""
    now = service.clock()
    inbound_id = None
    try:
        with service.database.begin() as connection:
            held = conversations.lock(connection, phone, service.language, now)
            row = inbox.oldest_waiting(connection, phone)
            if row is None or (row["retry_at"] and row["retry_at"] > now):
                return False
            inbound_id = row["id"]
            conversation = conversations.from_row(held)  # which may be what fails: from here on it is counted
            event = Heard(row["body"], row["media"], row["keyword"] or None)
            inbox.take(connection, inbound_id)
            heard_at = row["received_at"]
            known = facts.gather(connection, phone, now, heard_at=heard_at)
            done = take(service, connection, conversation, event, known=known, inbound_id=inbound_id, heard_at=heard_at)
            _hide_code(done, inbound_id, row["body"], row["raw"])
    except Exception as error:
        if inbound_id is None:
            raise
        _count_failure(service, phone, inbound_id, error)
        return True
    wake(service, done)
    return True


def wake(service: Service, done: Round | None) -> None:
    """After the commit: whoever has work now need not wait for a sweep."""
    for lane in done.wakes if done else ("inbox",):
        service.wake(lane)  # type: ignore[arg-type]


def _store_alone(service: Service, new: NewText, *, in_order: bool) -> Outcome:
    """`in_order`: a text that comes meanwhile waits, so that it cannot take effect before this one (law 3). Not when
    the conversation could not be had just now: then storing it goes before everything."""
    with service.database.begin() as connection:
        if in_order:
            try:
                with connection.begin_nested():
                    conversations.lock(connection, new.phone, service.language, service.clock())
            except Exception as error:
                log.error("stored_out_of_order", error=type(error).__name__)
        known = inbox.add(connection, new, service.clock(), state="waiting") is None
    service.wake("inbox")
    return "repeat" if known else "later"


def _count_failure(service: Service, phone: str, inbound_id: int, error: Exception) -> None:
    """A text that fails three times goes to a person with its reason, and blocks nothing any more."""
    now, why = service.clock(), type(error).__name__
    log.error("turn_failed_again", inbound=inbound_id, error=why, exc_info=True)
    with service.database.begin() as connection:
        if not inbox.failed_once(connection, inbound_id, why, now + RETRY_AFTER, most=MOST_FAILURES):
            return
        keep_refusal(service, connection, phone, inbound_id)
        tickets.raise_flag(connection, phone, "failed_text", f"inbound:{inbound_id}", now, reason=why)
    try:
        # Apart from the ticket: whatever broke the text's turn may break this one too.
        with service.database.begin() as connection:
            conversation = conversations.hold(connection, phone, service.language, now)
            done = take(service, connection, conversation, Opened("human", {"topic": "failed_text"}))
    except Exception as second:
        log.error("person_not_called", inbound=inbound_id, error=type(second).__name__, exc_info=True)
        return
    wake(service, done)


def _masked(service: Service, text: InboundText) -> NewText:
    """What may be stored: card numbers and passwords masked in the body and in every raw parameter; nothing that a
    database refuses (NUL, lone surrogates, a name longer than its column)."""
    ids = {text.gateway_id, text.sender, text.recipient}
    raw: dict[str, Sequence[str]] = {
        storable(name): [_without_secrets(value, ids) for value in values] for name, values in text.raw.items()
    }
    return NewText(
        gateway=service.gateway.name,
        gateway_id=storable(text.gateway_id)[:MOST_ID],
        phone=storable(text.sender)[:MOST_ADDRESS],
        recipient=storable(text.recipient)[:MOST_ADDRESS],
        body=mask(storable(text.body)).text,
        media=text.media,
        keyword=text.keyword or "",
        raw=raw,
    )


def _without_secrets(value: str, ids: Container[str]) -> str:
    """Ids stay as they are: one in some hundred holds digits that would pass for a card number."""
    return storable(value) if value in ids else mask(storable(value)).text


def _heard(text: InboundText) -> Heard:
    """The turn hears the words as they came, to warn of a secret that was in them; it keeps only masked ones."""
    return Heard(storable(text.body), text.media, text.keyword)


def _hide_code(done: Round, inbound_id: int, body: str, raw: Mapping[str, Any]) -> None:
    """Also what somebody forwards: a code of another bank is no less a secret."""
    if done.reading is None or not (is_code(done) or done.reading.meaning == "otp_code"):
        return
    code = done.reading.values.code
    hidden = body.replace(code, HIDDEN) if code else CODES.sub(HIDDEN, body)
    if hidden == body and code:
        hidden = HIDDEN  # written in a way that only the reader sees through
    kept = {name: [HIDDEN if body in value else value for value in values] for name, values in raw.items()}
    inbox.hide_body(done.connection, inbound_id, hidden, kept)
