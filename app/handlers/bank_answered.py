"""The bank is asked, and its answer becomes a turn. No transaction is open while we wait for it (law 9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from app.bank.port import Answer, BankDown, Question
from app.flows.vocabulary import Answered
from app.handlers.service import Service
from app.handlers.text_arrived import wake
from app.handlers.text_leaves import Spread, one_by_one
from app.handlers.turns import take
from app.store import conversations, people, waits

log = structlog.get_logger()

LEASE = timedelta(seconds=40)
MOST_TRIES = 2
MOST_TURNS = 4
TRY_AGAIN = timedelta(seconds=2)


def ask_bank(service: Service, most: int = 20, spread: Spread = one_by_one) -> int:
    """Claims open questions, asks them, and takes the turns that follow. How many were claimed."""
    now = service.clock()
    with service.database.begin() as connection:
        rows = waits.claim_questions(connection, now, now + LEASE, most)
    spread(lambda row: _ask_one(service, row), rows)
    return len(rows)


def _ask_one(service: Service, row: Any) -> None:
    topic = row.question.removeprefix("bank.")
    try:
        answer = service.bank.answer(Question(topic, row.customer_id, row.last4 or None))
        reason = ""
    except Exception as error:
        if not isinstance(error, BankDown):
            log.error("bank_adapter_broke", question=row.id, error=type(error).__name__, exc_info=True)
        if row.attempts < MOST_TRIES:
            with service.database.begin() as connection:
                waits.ask_again(connection, row.id, service.clock() + TRY_AGAIN, str(error))
            return
        answer, reason = Answer("failed"), str(error) or type(error).__name__
    try:
        _tell(service, row, answer, reason)
    except Exception as error:
        # The lease brings it back; a turn that always breaks must not keep the bank busy for ever.
        log.error("bank_answer_untold", question=row.id, error=type(error).__name__, exc_info=True)
        if row.attempts >= MOST_TURNS:
            with service.database.begin() as connection:
                waits.settle_question(connection, row.id, "failed", type(error).__name__, service.clock())


def _tell(service: Service, row: Any, answer: Answer, reason: str) -> None:
    now = service.clock()
    state = "failed" if answer.outcome == "failed" else "answered"
    with service.database.begin() as connection:
        conversation = conversations.hold(connection, row.phone, service.language, now)
        if not waits.settle_question(connection, row.id, state, reason, now):
            return
        event = Answered(row.question, row.token, answer.outcome, answer.facts)
        if row.customer_id not in {bound.customer_id for bound in people.bound(connection, row.phone)}:
            # The number was given to somebody else while the bank was asked (law 10).
            event = Answered(row.question, row.token, "failed")
        done = take(service, connection, conversation, event)
    wake(service, done)
