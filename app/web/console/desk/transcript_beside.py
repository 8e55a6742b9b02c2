"""What went beside texts by other channels, in words: mails with picture guides, and confirmations (A13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.handlers.care.guide_mail import PREFIX
from app.web.console import names

MAIL_FAILURES: names.Names = {
    "expired": _l("the mail server did not take it for four hours"),
    "no_address": _l("the address or the number is somebody else's by now"),
    "no_channel": _l("the bank sends no e-mail"),
    "no_guide": _l("this guide is no more"),
    "address": _l("no mail can go to this address"),
    "certificate": _l("the mail server's certificate is not valid"),
    "not_supported": _l("the mail server offers no encryption"),
    "no_connection": _l("the mail server does not answer"),
    "hung_up": _l("the mail server hung up"),
    "outcome_unknown": _l("nobody knows whether it arrived"),
}


@dataclass(frozen=True, slots=True)
class Beside:
    """`tone`: waits · sent · arrived · failed, as of a delivery."""

    tone: str
    words: str


def beside_texts(rows: Iterable[Any]) -> dict[int, tuple[Beside, ...]]:
    """By the id of the text. `rows`: of `companions`, the newest first."""
    found: dict[int, tuple[Beside, ...]] = {}
    for row in rows:
        if row.message_id is not None:
            found[row.message_id] = (_said(row), *found.get(row.message_id, ()))
    return found


def mails(rows: Iterable[Any]) -> Iterator[tuple[datetime, str, str]]:
    """Mails that the customer asked for, each as a line of its own: moment, key, words."""
    return ((row.created_at, f"e{row.id}", _said(row).words) for row in rows if row.message_id is None)


def _said(row: Any) -> Beside:
    return _mail(row) if row.channel == "email" else _confirmation(row)


def _mail(row: Any) -> Beside:
    tone, state = _mail_state(row)
    guide = names.flow_name(f"guide_{row.subject.removeprefix(PREFIX)}")
    return Beside(tone, _("Picture guide by e-mail (%(guide)s): %(state)s", guide=guide, state=state))


def _mail_state(row: Any) -> tuple[str, str]:
    if row.state == "sent":
        return "sent", _("sent")
    why = _why(row.reason)
    if row.state == "failed" and row.reason == "outcome_unknown":
        return "waits", why
    if row.state == "failed":
        return "failed", _("not sent, %(reason)s", reason=why)
    return "waits", _("tried again, %(reason)s", reason=why) if why else _("on its way")


def _why(reason: str) -> str:
    kind, _rest, code = reason.partition("_")
    if kind == "smtp" and code:
        return _("the mail server does not take it (%(code)s)", code=code)
    return names.named(MAIL_FAILURES, reason)


def _confirmation(row: Any) -> Beside:
    match row.state:
        case "confirmed":
            return Beside("arrived", _("The customer confirmed it in the second channel"))
        case "declined":
            return Beside("arrived", _("The customer declined it in the second channel"))
        case "sent":
            return Beside("sent", _("Second channel: told, no answer yet"))
        case "failed":
            return Beside("failed", _("Second channel: not confirmed (%(reason)s)", reason=row.reason))
    return Beside("waits", _("Second channel: not told yet"))
