"""The desk answers what a flow asks beside the bank, inside the turn's own transaction (`flows/questions.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from app.flows.vocabulary import Ask
from app.handlers.desk.bookings import book, cancel, find_slots
from app.handlers.desk.mails import mail_guide
from app.handlers.desk.numbers import disown, identify, proven_customer, refuse
from app.handlers.desk.people import flag, note_promise, open_ticket
from app.handlers.desk.proofs import check_code, issue_code
from app.handlers.desk.surveys import keep_score

if TYPE_CHECKING:
    from app.handlers.turns import Round

Found = tuple[str, Mapping[str, str]]
"""An outcome of `QUESTIONS`, and facts for the texts."""

ANSWERS: dict[str, Callable[[Round, Mapping[str, str]], Found]] = {
    "customer.identify": identify,
    "code.issue": issue_code,
    "code.check": check_code,
    "consent.refuse": refuse,
    "number.disown": disown,
    "ticket.open": open_ticket,
    "ticket.flag": flag,
    "callback.slots": find_slots,
    "callback.book": book,
    "callback.cancel": cancel,
    "promise.note": note_promise,
    "survey.keep": keep_score,
    "guide.mail": mail_guide,
}


def answer(done: Round, ask: Ask) -> Found:
    """The outcome of a question. Raises `KeyError` for one that nobody answers: a bug that `flows check` finds."""
    return ANSWERS[ask.question](done, ask.slots)


__all__ = ["ANSWERS", "answer", "proven_customer"]
