"""One turn inside one transaction: facts in, the core decides, effects become rows (law 4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.flows.engine import take_turn
from app.flows.offered import Replied
from app.flows.reading.language import language_of
from app.flows.reading.meaning import Reading
from app.flows.reading.mood import mood_of
from app.flows.vocabulary import (
    Answered,
    Ask,
    Consent,
    Context,
    Conversation,
    Event,
    Heard,
    Note,
    Relay,
    Say,
    Turn,
)
from app.handlers import desk, options
from app.handlers.care import answers
from app.handlers.compose import compose
from app.handlers.service import Lane, Service
from app.rules.refusal_words import refusal_words
from app.rules.titles import address
from app.store import consents, conversations, facts, outbox, tickets, traces, waits
from app.store.facts import Facts

MOST_ROUNDS = 12  # questions to the desk in one turn; more is a loop between a flow and the desk


class EndlessTurn(RuntimeError):
    """A flow keeps asking the desk without ever waiting for the customer."""


@dataclass(slots=True)
class Round:
    """What one turn has collected: the desk writes its facts here, `take` reads them at the end."""

    service: Service
    connection: Connection
    now: datetime
    conversation: Conversation
    facts: Facts
    inbound_id: int | None = None
    said: list[Say] = field(default_factory=list)
    code_id: int | None = None
    notes: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    wakes: set[Lane] = field(default_factory=set)
    reading: Reading | None = None
    heard_at: datetime | None = None
    replied: Replied | None = None

    @property
    def said_to_us(self) -> str:
        """The customer's words of this turn, masked; empty when it did not begin with words."""
        return self.reading.values.said if self.reading else ""

    @property
    def evidence(self) -> str:
        return f"inbound:{self.inbound_id}" if self.inbound_id else "event"

    @property
    def came_at(self) -> datetime:
        return self.heard_at or self.now

    def record_consent(self, scope: str, verdict: str, source: str) -> None:
        """A row of the ledger, and the facts of this turn brought up to date."""
        phone = self.conversation.phone
        consents.record(self.connection, phone, scope, verdict, source, self.evidence, self.now)
        refused = self.facts.refused | {scope} if verdict == "refused" else self.facts.refused - {scope}
        self.facts = replace(self.facts, refused=refused, told=self.facts.told - {scope})


def take(
    service: Service,
    connection: Connection,
    conversation: Conversation,
    event: Event,
    *,
    known: Facts | None = None,
    inbound_id: int | None = None,
    heard_at: datetime | None = None,
) -> Round:
    """Takes the turn of a held conversation, with all its rows. The caller commits, then wakes `Round.wakes`.

    `heard_at`: when the text came, if that was not just now.
    Raises what a bug or the database raises: the transaction is then rolled back as a whole.
    """
    now = service.clock()
    known = known or facts.gather(connection, conversation.phone, now, heard_at=heard_at)
    before = conversation.turn
    conversation = _in_their_language(conversation, known, event)
    done = Round(service, connection, now, conversation, known, inbound_id, heard_at=heard_at)
    pending: Event | None = event
    for _ in range(MOST_ROUNDS):
        if pending is None:
            break
        turn = take_turn(done.conversation, pending, _context(done), service.catalogue)
        pending = _perform(done, turn)
    else:
        raise EndlessTurn(" → ".join(done.path))
    _save(done, before, event)
    return done


def _in_their_language(conversation: Conversation, known: Facts, event: Event) -> Conversation:
    """A conversation begins in the language of the bank's file; without one it follows the customer's own words."""
    language = conversation.language
    if known.language:
        language = known.language if conversation.turn == 0 else language
    elif isinstance(event, Heard):
        language = language_of(event.text) or language
    return conversation if language == conversation.language else replace(conversation, language=language)


def _perform(done: Round, turn: Turn) -> Event | None:
    """Turns effects into rows; the desk's answer, if the turn asked it something."""
    done.conversation = turn.conversation
    done.path.extend(turn.path)
    done.reading = done.reading or turn.reading
    answer: Event | None = None
    for effect in turn.effects:
        if isinstance(effect, Say):
            done.said.append(effect)
        elif isinstance(effect, Note):
            done.notes.append(effect.what)
        elif isinstance(effect, Replied):
            done.replied = effect
        elif isinstance(effect, Consent):
            done.record_consent(effect.scope, effect.verdict, effect.source)
        elif isinstance(effect, Relay):
            tickets.text_came(done.connection, done.conversation.phone, done.now, mood_of(done.said_to_us))
            done.wakes.add("console")
        elif effect.question.startswith("bank."):
            answer = _ask_bank(done, effect)
        else:
            outcome, found = desk.answer(done, effect)
            answer = Answered(effect.question, effect.token, outcome, found)
    return answer


def _ask_bank(done: Round, ask: Ask) -> Event | None:
    customer = desk.proven_customer(done)
    if customer is None:
        return Answered(ask.question, ask.token, "failed")
    waits.ask(
        done.connection,
        phone=done.conversation.phone,
        question=ask.question,
        token=ask.token,
        customer_id=customer,
        last4=ask.slots.get("last4", ""),
        now=done.now,
    )
    done.wakes.add("bank")
    return None


def _context(done: Round) -> Context:
    service, known = done.service, done.facts
    local = done.now.astimezone(service.zone)
    return Context(
        now=local,
        customer=address(known.name, known.title, done.conversation.language),
        refused=known.refused,
        told=known.told,
        callback=known.callback.astimezone(service.zone).isoformat() if known.callback else "",
        ticket=known.ticket,
        refusal_words=refusal_words(known.last_offer),
        last_said=known.last_said,
        offered=answers.offered(known.begun, service.zone, done.came_at) if known.begun else (),
        bank=service.name(done.conversation.language),
        hotline=service.hotline,
        caller=service.caller,
        info_link=service.info_link,
        mails=service.mailer is not None,
        code_digits=service.code_digits,
    )


def _save(done: Round, before: int, event: Event) -> None:
    connection, conversation = done.connection, done.conversation
    if conversation.turn != before:
        conversations.save(connection, conversation, before, done.now)
    message = compose(
        done.service,
        conversation,
        done.said,
        now=done.now,
        code_id=done.code_id,
        inbound_id=done.inbound_id,
        own=options.wording(connection, conversation.language, [say.key for say in done.said]),
    )
    message_id = None
    if message is not None:
        message_id = outbox.queue(connection, message, done.now)
        done.wakes.add("outbox")
    if done.replied is not None and done.inbound_id is not None:
        answers.keep(connection, done.replied, done.inbound_id, conversation.phone, done.came_at)
    traces.add(connection, conversation.phone, done.inbound_id, _kind(event), _why(done, message_id), done.now)
    if done.facts.ticket and tickets.talk_went_on(connection, conversation.phone, done.now):
        done.wakes.add("console")


def _kind(event: Event) -> str:
    return type(event).__name__.lower()


def _why(done: Round, message_id: int | None) -> dict[str, Any]:
    why: dict[str, Any] = {"path": done.path, "said": [say.key for say in done.said], "notes": done.notes}
    if message_id is not None:
        why["message"] = message_id
    if done.replied is not None:
        why["answers"] = answers.told(done.replied)
    if done.reading is not None:
        why["meaning"] = done.reading.meaning
        why["score"] = round(done.reading.score, 3)
        why["reasons"] = list(done.reading.reasons)
    return why


def is_code(done: Round) -> bool:
    """True when the text carried a one-time code, which must not stay in a row (A11)."""
    return done.reading is not None and done.reading.values.code is not None
