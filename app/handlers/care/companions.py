"""What goes beside a text is sent and settled: no transaction is open meanwhile (law 9).

A mail of which nobody can tell whether it was taken is never sent again. The second channel's webhook is: it has the
same id each time, and its standard demands of the receiver to drop what it had.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from app.care.template import Template
from app.companions.port import Never, NotNow, Outcome, Taken, Unknown
from app.flows.vocabulary import BOT, Say
from app.gateways.port import Accepted, Status, Unsettled
from app.gateways.port import Outcome as SendOutcome
from app.handlers.care import guide_mail
from app.handlers.circuits import Leave
from app.handlers.compose import compose
from app.handlers.service import Service
from app.handlers.text_leaves import Spread, one_by_one
from app.rules.purpose import Purpose, blocked_by
from app.store import circuits, companions, consents, conversations, events, outbox, people
from app.store.companions import NewCompanion

log = structlog.get_logger()

LEASE = timedelta(minutes=3)
"""Longer than any send: each step of a mail's talk, and a webhook as a whole, has its time limit."""
WATCH = timedelta(seconds=30)
"""After which a text that has not left yet is looked at again."""
TO_BE_CONFIRMED = timedelta(days=1)
"""Past the end of its text: then nobody asks for its confirmation any more."""
FIRST, LONGEST = timedelta(seconds=15), timedelta(minutes=30)
"""Between two tries, each twice the one before."""
UNSURE = "outcome_unknown"
CHANNELS = ("email", "second")
NAMES = {"email": "e-mail", "second": "the second channel"}
GONE = ("failed", "withheld", "withdrawn")

Prepared = Callable[[], Outcome] | str | timedelta
"""What sends it; or why it never leaves, or how long it waits."""


@dataclass(frozen=True, slots=True)
class _Way:
    """`send` asks the network. Raises nothing."""

    channel: str
    leave: Leave
    row: Any
    send: Callable[[], Outcome]


def confirm(
    service: Service, connection: Connection, row: Any, template: Template, message_id: int, expires_at: datetime
) -> None:
    """Beside a text that is queued: its facts are confirmed in the second channel, when its template says so and there
    is one. `row`: of `occasions`. Part of the transaction that queues the text."""
    if not template.confirm or service.second is None:
        return
    now = service.clock()
    new = NewCompanion(
        phone=row.phone,
        customer_id=row.customer_id,
        channel="second",
        subject=f"template:{template.key}",
        token=secrets.token_urlsafe(24),
        language=template.language,
        message_id=message_id,
        detail={"programme": row.programme, "template": template.key, "version": template.version},
        due_at=now + WATCH,
        expires_at=expires_at + TO_BE_CONFIRMED,
    )
    companions.add(connection, new, now)


def send_companions(service: Service, most: int = 20, spread: Spread = one_by_one) -> int:
    """Sends what is due. How many rows were dealt with; 0 when nothing is due, or when the channels rest."""
    return sum(_by(service, channel, most, spread) for channel in CHANNELS)


def _by(service: Service, channel: str, most: int, spread: Spread) -> int:
    now = service.clock()
    leave = service.circuits.leave(service.database, channel, now)
    if leave.most == "none":
        return 0
    with service.database.begin() as connection:
        rows = companions.due(connection, channel, now, 1 if leave.most == "one" else most)
        ways = []
        for row in sorted(rows, key=lambda row: str(row.phone)):
            way = _prepared(service, connection, leave, row, now)
            if way is not None:
                ways.append(way)
            else:
                _show(connection, row, now)
        if ways and leave.most == "one":
            if service.circuits.may_try(connection, channel, now):
                service.circuits.trial_leaves(connection, channel, now)
            else:
                return 0
        if ways:
            companions.take(connection, [way.row.id for way in ways], now + LEASE)
    spread(lambda way: _send(service, way), ways)
    return len(rows)


def _prepared(service: Service, connection: Connection, leave: Leave, row: Any, now: datetime) -> _Way | None:
    """How a row that is due leaves; None when it is settled or put off instead."""
    if row.state == "sending" and row.channel == "email":
        # Whoever had it is gone, or has waited beyond every limit: it may have been taken.
        companions.failed(connection, row.id, UNSURE, now)
        return None
    if now >= row.expires_at:
        _give_up(service, connection, row, "expired", now)
        return None
    found = (_mail if row.channel == "email" else _confirmation)(service, connection, row)
    if isinstance(found, str):
        _give_up(service, connection, row, found, now)
    elif isinstance(found, timedelta):
        companions.put_off(connection, row.id, now + found, row.reason)
    return _Way(row.channel, leave, row, found) if callable(found) else None


def _mail(service: Service, connection: Connection, row: Any) -> Prepared:
    """The number may be somebody else's by now, and the address another one."""
    mailer = service.mailer
    if mailer is None:
        return "no_channel"
    customer_id, box = guide_mail.mailbox(connection, row.phone)
    if customer_id != row.customer_id:
        return "no_address"
    known = people.customer(connection, customer_id) or {}
    guide = row.subject.removeprefix(guide_mail.PREFIX)
    name, title = known.get("name", ""), known.get("title", "")
    letter = guide_mail.written(
        service, token=row.token, guide=guide, language=row.language, box=box, name=name, title=title
    )
    return "no_guide" if letter is None else lambda: mailer.send(letter)


def _confirmation(service: Service, connection: Connection, row: Any) -> Prepared:
    """Only of a text that was handed over, and to nobody who refused such texts since."""
    second = service.second
    if second is None:
        return "no_channel"
    text = companions.text_beside(connection, row.message_id)
    if text is None or text.state in GONE or text.status in (Status.FAILED, Status.UNDELIVERED, Status.CANCELED):
        return "text_failed"
    if text.state != "handed":
        return WATCH
    purpose: Purpose = text.purpose
    if any(consents.verdict(connection, row.phone, scope) == "refused" for scope in blocked_by(purpose)):
        return "refused"
    if row.customer_id not in {bound.customer_id for bound in people.bound(connection, row.phone)}:
        return "unbound"
    content = {
        "confirmation": row.token,
        "message_id": row.message_id,
        "customer_id": row.customer_id,
        "language": row.language,
        "text": text.body,
        "queued_at": text.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        **row.detail,
    }
    return lambda: second.tell(row.token, content)


def _send(service: Service, way: _Way) -> None:
    try:
        outcome = way.send()
    except Exception as error:
        log.error("companion_broke", companion=way.row.id, error=type(error).__name__, exc_info=True)
        outcome = Unknown("our_fault")
    now = service.clock()
    service.circuits.heard(service.database, way.channel, way.leave, _heard(outcome), now)
    with service.database.begin() as connection:
        told = _settle(service, connection, way.row, outcome, now)
        shown = _show(connection, way.row, now)
    if told:
        service.wake("bulk")
    if shown:
        service.wake("console")


def _show(connection: Connection, row: Any, now: datetime) -> bool:
    """The page of the talk in which an agent sent it shows how it stands; whether there is one."""
    ticket = row.detail.get(guide_mail.TICKET)
    if ticket is not None:
        events.tell(connection, "talk", now, ticket)
    return ticket is not None


def _settle(service: Service, connection: Connection, row: Any, outcome: Outcome, now: datetime) -> bool:
    """Writes down how it ended; whether the customer hears of it."""
    if isinstance(outcome, Taken):
        companions.sent(connection, row.id, now)
        return False
    if isinstance(outcome, Never):
        log.warning("companion_refused", companion=row.id, channel=row.channel, reason=outcome.reason)
        return _give_up(service, connection, row, outcome.reason, now)
    if isinstance(outcome, Unknown) and row.channel == "email":
        companions.failed(connection, row.id, UNSURE, now)
        return False
    wait = min(LONGEST, FIRST * (1 << min(row.attempts, 10))) * random.uniform(0.75, 1.25)
    if isinstance(outcome, NotNow):
        wait = max(wait, timedelta(seconds=outcome.seconds))
    if now + wait >= row.expires_at:
        return _give_up(service, connection, row, outcome.reason, now)
    companions.put_off(connection, row.id, now + wait, outcome.reason)
    return False


def _give_up(service: Service, connection: Connection, row: Any, reason: str, now: datetime) -> bool:
    """It surely did not go and will not. A customer who waits for a mail is told so, but not while an agent has the
    conversation who sent it and sees it; whether they are."""
    by_agent = guide_mail.TICKET in row.detail
    awaited = row.channel == "email" and (row.message_id is None or by_agent)
    if not companions.failed(connection, row.id, reason, now) or not awaited:
        return False
    customer_id, box = guide_mail.mailbox(connection, row.phone)
    if customer_id != row.customer_id:
        return False
    conversation = conversations.hold(connection, row.phone, service.language, now)
    if by_agent and conversation.owner != BOT:
        return False
    values = {"address": guide_mail.masked(box), "hotline": service.hotline}
    say = Say("by_mail.failed", values)
    message = compose(service, conversation, [say], now=now, code_id=None, inbound_id=None, purpose="service")
    if message is not None:
        outbox.queue(connection, message, now)
    return True


def _heard(outcome: Outcome) -> SendOutcome:
    """For the channel's circuit: is the channel at fault, or did it do its work?"""
    at_fault = isinstance(outcome, Unknown) or (isinstance(outcome, NotNow | Never) and outcome.channel)
    return Unsettled(outcome.reason) if at_fault and not isinstance(outcome, Taken) else Accepted("")


def notes(service: Service) -> list[str]:
    """What goes worse than it should beside the texts, a sentence each."""
    with service.database.begin() as connection:
        known = {channel: circuits.known(connection, channel) for channel in CHANNELS}
        waiting = companions.waiting(connection, service.clock())
    wait = {channel: waits.rows for channel, waits in waiting.items()}
    return [
        f"{NAMES[channel]} rests since {circuit.changed:%Y-%m-%d %H:%M:%S} UTC ({circuit.reason}) and is tried now and "
        f"then; {wait.get(channel, 0)} wait"
        for channel, circuit in known.items()
        if circuit.open
    ]
