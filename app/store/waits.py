"""Timers and bank questions: rows that something will happen to later, claimed with a lease."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.store import tables

TIMER, QUESTION = tables.Timer, tables.BankQuestion


def set_timer(connection: Connection, phone: str, name: str, subject: int, due_at: datetime) -> None:
    """Sets, or sets anew, the timer of that name for its subject."""
    drop_timer(connection, name, subject)
    connection.execute(insert(TIMER).values(phone=phone, name=name, subject=subject, due_at=due_at))


def drop_timer(connection: Connection, name: str, subject: int) -> None:
    connection.execute(delete(TIMER).where(TIMER.name == name, TIMER.subject == subject))


def due_timers(connection: Connection, now: datetime, most: int) -> Sequence[Any]:
    """Due timers, the longest due first. Not locked: `take_timer` says who of several gets one."""
    return connection.execute(
        select(*TIMER.__table__.columns).where(TIMER.due_at <= now).order_by(TIMER.due_at).limit(most)
    ).all()


def take_timer(connection: Connection, timer_id: int, now: datetime) -> bool:
    """Deletes a due timer; who does so acts on it, in the same transaction. False when it is gone or was put off."""
    return connection.execute(delete(TIMER).where(TIMER.id == timer_id, TIMER.due_at <= now)).rowcount == 1


def put_off_timer(connection: Connection, timer_id: int, due_at: datetime) -> None:
    connection.execute(update(TIMER).where(TIMER.id == timer_id).values(due_at=due_at))


def ask(
    connection: Connection,
    *,
    phone: str,
    question: str,
    token: int,
    customer_id: str,
    last4: str,
    now: datetime,
) -> int:
    made: int = connection.execute(
        insert(QUESTION)
        .values(
            phone=phone,
            question=question,
            token=token,
            customer_id=customer_id,
            last4=last4,
            state="open",
            asked_at=now,
            due_at=now,
            attempts=0,
            reason="",
        )
        .returning(QUESTION.id)
    ).scalar_one()
    return made


def claim_questions(connection: Connection, now: datetime, lease: datetime, most: int) -> Sequence[Any]:
    """Open questions that are due; until `lease` nobody else asks them."""
    due = (
        select(QUESTION.id)
        .where(QUESTION.state == "open", QUESTION.due_at <= now)
        .order_by(QUESTION.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(due).scalars())
    if not ids:
        return []
    return connection.execute(
        update(QUESTION)
        .where(QUESTION.id.in_(ids))
        .values(due_at=lease, attempts=QUESTION.attempts + 1)
        .returning(*QUESTION.__table__.columns)
    ).all()


def is_asked(connection: Connection, phone: str) -> bool:
    """True while the bank still owes this number an answer."""
    row = select(QUESTION.id).where(QUESTION.phone == phone, QUESTION.state == "open").limit(1)
    return connection.execute(row).first() is not None


def settle_question(connection: Connection, question_id: int, state: str, reason: str, now: datetime) -> bool:
    """`answered` or `failed`. False when another worker settled it first."""
    done = connection.execute(
        update(QUESTION)
        .where(QUESTION.id == question_id, QUESTION.state == "open")
        .values(state=state, reason=reason[:200], answered_at=now)
    )
    return done.rowcount == 1


def ask_again(connection: Connection, question_id: int, due_at: datetime, reason: str) -> None:
    connection.execute(
        update(QUESTION)
        .where(QUESTION.id == question_id, QUESTION.state == "open")
        .values(due_at=due_at, reason=reason[:200])
    )
