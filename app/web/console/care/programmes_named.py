"""What purposes, kinds of text, facts, days, events and reasons are called, in the language of who looks."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.web.console.names import Names

PURPOSES: Names = {
    "commercial": _("Commercial"),
    "reminder": _("Reminder"),
    "service": _("Service"),
    "answer": _("Answer"),
    "code": _("One-time code"),
}

KINDS: Names = {
    "care": _("care without an offer"),
    "festival": _("greeting for a named day"),
    "product": _("product offer"),
    "activity": _("activity"),
    "service": _("service notice"),
}
"""What caps count (B5)."""

MOMENTS: Names = {
    "birthday": _("the birthday"),
    "limit_expires_on": _("the limit expires"),
    "limit_activated_on": _("the limit was activated"),
    "due_on": _("the repayment is due"),
    "settled_on": _("the loan was settled"),
    "opened_on": _("the account was opened"),
    "last_active_on": _("the customer was last active"),
    "info_updated_on": _("the details were last updated"),
}
"""Date columns, as what they are the moment of: fits behind "15 days after"."""

DAYS: Names = {
    "solar_term": _("a solar term"),
    "solar_terms": _("a solar term"),
    "term": _("a solar term"),
}
"""Days that the calendar has under other names."""

WINDOW_DAYS: Names = {"workday": _("workdays"), "weekend": _("weekends"), "any": _("every day")}

COLUMNS: Names = {
    "age": _("age"),
    "amount_due": _("amount due"),
    "autopay": _("automatic repayment"),
    "available_limit": _("available limit"),
    "birthday": _("birthday"),
    "card_last4": _("card"),
    "credit_limit": _("credit limit"),
    "days_silent": _("days without a sign of life"),
    "due_on": _("repayment date"),
    "email": _("e-mail"),
    "info_updated_on": _("last update of details"),
    "language": _("language"),
    "limit_used": _("what is drawn of the limit"),
    "last_active_on": _("last activity"),
    "limit_activated_on": _("activation of the limit"),
    "limit_expires_on": _("end of the limit"),
    "loan_balance": _("loan balance"),
    "loan_product": _("loan product"),
    "manager_name": _("account manager"),
    "manager_phone": _("manager's number"),
    "name": _("name"),
    "opened_on": _("opening of the account"),
    "overdue_days": _("days overdue"),
    "region": _("region"),
    "segment": _("segment"),
    "settled_on": _("settlement"),
    "title": _("title"),
    "zone": _("time zone"),
}
"""What a condition is about."""

MONEY = frozenset({"amount_due", "available_limit", "credit_limit", "limit_used", "loan_balance"})

OPERATIONS: Mapping[str, LazyString] = {
    "is": _("%(what)s is %(value)s"),
    "in": _("%(what)s is %(value)s"),
    "not_in": _("%(what)s is not %(value)s"),
    "at_least": _("%(what)s is at least %(value)s"),
    "at_most": _("%(what)s is at most %(value)s"),
    "before": _("%(what)s is before %(value)s"),
    "known": _("%(what)s is known"),
    "unknown": _("%(what)s is not known"),
}

VALUES: Names = {
    "consumer": _("consumer loan"),
    "business": _("business loan"),
    "mortgage": _("mortgage"),
    "car": _("car loan"),
    "yes": _("yes"),
    "no": _("no"),
    "zh-CN": "中文",
    "en": "English",
    "employee": _("employee"),
    "owner": _("business owner"),
    "business_owner": _("business owner"),
    "vip": "VIP",
    "farmer": _("farmer"),
    "county": _("customer in a county"),
}

STOPPED: Names = {
    "refusals": _("too many refused or complained"),
    "refused": _("too many refused or complained"),
}
"""Why a programme stopped itself."""

NOT_SENT: Names = {
    "not_due": _("nothing has happened, or too long ago"),
    "wrong_audience": _("meant for other customers"),
    "no_number": _("no number is bound to the customer"),
    "shared_number": _("several customers share the number"),
    "refused": _("refuses such texts"),
    "no_consent": _("never agreed to offers"),
    "blocked": _("the carrier blocks the number"),
    "already_done": _("has done already what the text invites to"),
    "over_cap": _("had as many texts this month as they may get"),
    "outranked": _("another programme's text goes first"),
    "not_today": _("its window opens on another day"),
    "no_slot": _("no window opens in time"),
    "already_planned": _("has this text already"),
    "overdue": _("behind with payments: no offers"),
    "language": _("no text in a language that they read"),
    "not_approved": _("no approved version of the text"),
    "missing_value": _("a placeholder has no value"),
    "gate": _("the content gate refuses the words"),
    "stale": _("the window closed before it could leave"),
    "quiet_hours": _("it is night where the customer lives"),
    "in_talk": _("is in a conversation"),
    "unbound": _("the number is no longer the customer's"),
    "stopped": _("the programme was off, or stopped itself"),
    "first_unsent": _("the first text did not arrive"),
    "answered": _("the first text was answered"),
    "failed": _("nothing could be decided; the log has the error"),
    "link_followed": _("the first text's link was followed"),
    "route": _("the route does not carry such a text"),
}
"""Why a customer does not get a text, by the codes of `app.care.reasons`."""
