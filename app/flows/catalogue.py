"""All flows, and the meaning that opens each. A new flow is one file, one line here, its words, and a transcript."""

from __future__ import annotations

from app.flows import (
    asides,
    by_mail,
    callback,
    doubt,
    early,
    human,
    overdue,
    owed,
    proof,
    quota,
    repayment,
    served,
    which_text,
)
from app.flows.guided import guided
from app.flows.library import Catalogue, Opener
from app.flows.reading.meaning import Meaning
from app.flows.texts import Texts

TEXTS = Texts.load()

FLOWS = (
    quota.FLOW,
    proof.FLOW,
    owed.FLOW,
    repayment.FLOW,
    early.FLOW,
    overdue.TALK,
    overdue.PAID,
    overdue.PROMISE,
    callback.BOOK,
    callback.MOVE,
    callback.CANCEL,
    human.CALL,
    human.HANDBACK,
    served.CHECK,
    served.SURVEY,
    doubt.WRONG_PERSON,
    doubt.FRAUD,
    doubt.COMPLAINT,
    asides.MENU,
    asides.UNCLEAR,
    asides.OPTOUT,
    asides.APPLICATION,
    asides.CLOSING,
    asides.INTEREST,
    which_text.FLOW,
    by_mail.FLOW,
    *asides.REMARKS,
    *guided(TEXTS.guides),
)

OPENS: dict[Meaning, str] = {
    "quota_query": "quota",
    "renew_limit": "guide_renew_limit",
    "repayment_how": "repayment",
    "repayment_amount": "owed",
    "repayment_date": "owed",
    "early_repayment": "early",
    "overdue_negotiate": "overdue",
    "already_paid": "paid",
    "promise_to_pay": "promise",
    "rate_question": "rates",
    "campaign_interest": "interest",
    "status_of_application": "application",
    "close_product": "closing",
    "callback_request": "callback",
    "human_agent": "human",
    "complaint": "complaint",
    "wrong_person": "wrong_person",
    "fraud_suspect": "fraud",
    "who_are_you": "who_are_you",
    "code_not_received": "no_code",
    "otp_code": "late_code",
    "info_update": "guide_info_update",
    "mail_steps": "by_mail",
    "greeting": "menu",
    "number_choice": "menu",  # a number that no open question asks for
    "help": "menu",
    "opt_out": "optout",
}

BEGUN_BY_THE_ENGINE = frozenset({"proof", "handback", "which_text"})
"""Flows that say what only the engine fills in: nobody else may begin one."""

CATALOGUE = Catalogue(
    flows={flow.name: flow for flow in FLOWS},
    openers={meaning: Opener(flow, {}) for meaning, flow in OPENS.items()},
    texts=TEXTS,
)
