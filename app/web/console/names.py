"""What topics, places, moods, outcomes and the like are called on the pages, in the language of who looks."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import get_locale
from flask_babel import lazy_gettext as _

from app.flows.catalogue import CATALOGUE, TEXTS
from app.flows.texts import Unfilled
from app.web.console.languages import LANGUAGES

Names = Mapping[str, object]

TOPICS: Names = {
    "human": _("Wants a person"),
    "complaint": _("Complaint"),
    "despair": _("Words of despair"),
    "bereaved": _("A death"),
    "hardship": _("Cannot repay"),
    "repayment": _("Repayment"),
    "early_repayment": _("Early repayment"),
    "callback": _("Callback"),
    "quota": _("Credit limit"),
    "locked": _("Code locked"),
    "check": _("Identity check"),
    "fraud": _("Fraud doubt"),
    "wrong_person": _("Wrong person"),
    "already_paid": _("Says it is paid"),
    "promise_to_pay": _("Promised to pay"),
    "application": _("Application"),
    "closing": _("Closing a limit"),
    "unclear": _("Not understood"),
    "failed_text": _("Text without a turn"),
    "flood": _("Flood of texts"),
    "dead_number": _("Dead number"),
    "unsettled_text": _("Unknown delivery"),
    "callback_missed": _("Callback missed"),
    "review": _("To review"),
}

MOODS: Names = {"angry": _("Angry"), "worried": _("Worried")}

OUTCOMES: Names = {
    "answered": _("Answered"),
    "handed_back": _("Back with the bot"),
    "callback": _("Callback booked"),
    "no_reply": _("Customer went silent"),
    "wrong_person": _("Wrong person"),
    "duplicate": _("Nothing to do"),
}

SCOPES: Names = {
    "commercial": _("Offers"),
    "reminders": _("Reminders"),
    "gateway": _("Every text"),
}

CALLBACKS: Names = {
    "booked": _("Booked"),
    "kept": _("Kept"),
    "missed": _("Missed"),
    "cancelled": _("Cancelled"),
    "failed": _("Not reached"),
}

SOURCES: Names = {
    "reply": _("by text"),
    "import": _("from the bank's file"),
    "gateway": _("told by the carrier"),
    "gateway_keyword": _("by a keyword to the carrier"),
    "wrong_person": _("the number is somebody else's"),
    "unbound": _("the number is no longer the customer's"),
    "stopped": _("its programme was switched off"),
    "retired": _("its words were retired"),
}

FACTS: Names = {
    "phone": _("Phone number"),
    "name": _("Full name"),
    "card_last4": _("Card ending"),
    "available_limit": _("Available limit"),
    "credit_limit": _("Credit limit"),
    "limit_expires_on": _("Limit until"),
    "amount_due": _("Amount due"),
    "due_on": _("Due on"),
    "overdue_days": _("Days overdue"),
    "loan_balance": _("Loan balance"),
    "birthday": _("Birthday"),
    "email": _("E-mail"),
    "manager_name": _("Account manager"),
    "manager_phone": _("Manager's number"),
}

MEANINGS: Names = {
    "opt_out": _("Refuses texts"),
    "opt_in": _("Wants texts again"),
    "quota_query": _("Asks for the limit"),
    "renew_limit": _("Wants to renew the limit"),
    "repayment_how": _("How to repay"),
    "repayment_amount": _("How much is due"),
    "repayment_date": _("When it is due"),
    "early_repayment": _("Wants to repay early"),
    "overdue_negotiate": _("Wants to talk about repaying"),
    "already_paid": _("Says it is paid"),
    "promise_to_pay": _("Promises to pay"),
    "rate_question": _("Asks about rates"),
    "campaign_interest": _("Interested in the offer"),
    "status_of_application": _("Asks about an application"),
    "close_product": _("Wants to close the limit"),
    "callback_request": _("Wants a call"),
    "human_agent": _("Wants a person"),
    "complaint": _("Complains"),
    "wrong_person": _("Wrong person"),
    "who_are_you": _("Asks who we are"),
    "fraud_suspect": _("Suspects fraud"),
    "code_not_received": _("Code did not come"),
    "otp_code": _("A one-time code"),
    "number_choice": _("A choice by number"),
    "yes": _("Yes"),
    "no": _("No"),
    "thanks_ack": _("Thanks"),
    "greeting": _("A greeting"),
    "help": _("Asks for help"),
    "info_update": _("Wants to update details"),
    "mail_steps": _("Wants the steps by e-mail"),
    "auto_reply": _("A machine's answer"),
    "echo": _("Our own words came back"),
    "secret_sent": _("Sent a card number or password"),
    "empty": _("No words"),
    "out_of_scope": _("Not understood"),
}

READINGS: Names = {
    "model": _("model"),
    "rule": _("rule"),
    "command": _("command"),
    "word": _("word"),
    "answer": _("answer to the open question"),
    "masked": _("a secret, which was masked"),
}
"""What a reading rests on: the first word of a reason (`model:0.97 rule:怎么还`)."""
SAY_ALL = {"answer", "masked"}
"""Readings that say it all: what follows is the name of a kind (`answer:yes_no`)."""

FAILURES: Names = {
    "opted_out": _("the carrier blocks it: the customer opted out there"),
    "bad_number": _("the number does not exist"),
    "dead_number": _("the number is out of use"),
    "unreachable": _("the phone is off or out of reach"),
    "busy": _("the carrier is busy"),
    "config": _("our sender is not set up"),
    "content": _("the carrier filtered the words"),
    "expired": _("it came too late"),
    "ambiguous": _("nobody knows whether it arrived"),
    "our_fault": _("a fault of ours"),
    "unknown": _("the carrier gave no reason"),
    "never_known": _("the carrier has no trace of it"),
    "refused": _("the customer refused such texts"),
    "refused:commercial": _("the customer refused offers"),
    "refused:reminders": _("the customer refused reminders"),
    "refused:gateway": _("the carrier blocks the number"),
    "wrong_person": _("the number is somebody else's"),
}

REASONS: Names = {
    "empty": _("There are no words to send."),
    "unsendable": _("It holds characters that a phone cannot show."),
    "hidden_characters": _("It holds characters that nobody sees; they cost parts."),
    "placeholder": _("A placeholder was left without its value."),
    "secret": _("It tells a card number, a password or an identity number."),
    "asks_secret": _("It asks for a password, a card number or a code that we did not send."),
    "personal_data": _("It tells a full name, a phone number, an identity number or an e-mail address."),
    "figures_unverified": _("It tells a figure, and the customer has not passed a code. Ask for a code first."),
    "forbidden_words": _("The bank never uses these words."),
    "over_promise": _("It promises what the bank cannot promise."),
    "discouraged_words": _("These words press people."),
    "blame": _("It sounds like blame or a threat."),
    "exclamations": _("One exclamation mark is enough."),
    "link_not_https": _("Links begin with https://."),
    "link_bare": _("An address stands there without https://."),
    "link_foreign": _("The link does not lead to the bank."),
    "link_disguised": _("The link hides where it leads."),
    "refused": _("The customer refuses such texts, or the carrier blocks the number."),
    "offer_refused": _("It is an offer, and the customer refuses offers."),
    "offer_unmarked": _("It reads like an offer. Switch to Offer, or write it without."),
    "no_refusal_wording": _("An offer ends with how to refuse it."),
    "no_hotline": _("An offer names the hotline."),
    "signature_missing": _("It carries somebody else's name where the bank's belongs."),
    "signature_double": _("The bank's name is put in front by itself."),
    "language_mismatch": _("The customer writes another language."),
    "too_many_parts": _("It is longer than a text may be."),
    "many_parts": _("It takes more than three parts."),
}
"""Why the content gate holds a text back or warns, by the codes of `rules/gate`."""


def language() -> str:
    """The language of the page, as the texts name it: zh-CN or en."""
    return "en" if str(get_locale() or "zh").startswith("en") else "zh-CN"


def named(names: Names, key: str) -> str:
    """The name of a key; the key itself, made legible, when nobody has named it."""
    return str(names[key]) if key in names else key.replace("_", " ")


def flow_name(flow: str) -> str:
    """What a flow is called in the texts (`repayment` -> 还款); empty when it has no title."""
    title = TEXTS.title(language(), flow)
    return title[:1].upper() + title[1:]


def topic_name(topic: str) -> str:
    """`repayment` -> 还款咨询. A guide is its own topic."""
    if not topic:
        return ""
    return str(TOPICS[topic]) if topic in TOPICS else flow_name(topic) or named({}, topic)


def place_name(place: str) -> str:
    """`repayment.app_steps.2` -> 还款第2步; empty for a place that is no step (`message:17`)."""
    if place.partition(".")[0] not in CATALOGUE.flows:
        return ""
    try:
        found = TEXTS.fill(language(), "{place:place}", {"place": place})
    except Unfilled:
        return ""
    return found[:1].upper() + found[1:]


def mood_name(mood: str) -> str:
    return named(MOODS, mood) if mood else ""


def outcome_name(outcome: str) -> str:
    return named(OUTCOMES, outcome) if outcome else ""


def scope_name(scope: str) -> str:
    """What a refusal or permission is about."""
    return named(SCOPES, scope)


def callback_name(state: str) -> str:
    return named(CALLBACKS, state)


def language_name(code: str) -> str:
    return named(LANGUAGES, code)


def meaning_name(meaning: str) -> str:
    return named(MEANINGS, meaning)


def reading_name(reason: str) -> str:
    """`model:0.97 rule:怎么还` -> 模型 0.97 · 规则 怎么还."""
    found = [piece.partition(":") for piece in reason.split(" ") if piece]
    return " · ".join(_rests_on(kind, told) if colon else kind for kind, colon, told in found)


def _rests_on(kind: str, told: str) -> str:
    return named(READINGS, kind) if kind in SAY_ALL else f"{named(READINGS, kind)} {told}"


def failure_name(reason: str) -> str:
    """Why a text did not arrive, as it stands in its row."""
    return named(FAILURES, reason if reason in FAILURES else reason.partition(":")[0])


def reason_said(code: str, found: str) -> str:
    """Why the content gate holds words back, and which: by the code of a reason, and what it found."""
    return f"{named(REASONS, code)} {found}".strip()
