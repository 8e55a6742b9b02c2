"""Canned replies: those that are shipped and the operators' own, with what the content gate says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers import replies_written
from app.handlers.replies_written import LONGEST, Preview, Unfit
from app.rules.canned import PLACEHOLDERS
from app.rules.gate import Reason
from app.store import canned
from app.store.canned import Canned
from app.web.console import console, names
from app.web.console.doors import address, go, me, needs, service
from app.web.console.office.hours_shown import MARKS

NOT_TALKED = {"failed_text", "dead_number", "unsettled_text", "callback_missed", "review", "flood"}
"""Topics of flags that no customer is written to about."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply with how it reads; `own`: not as shipped; `out`: a shipped one that was taken out."""

    reply: Canned
    preview: Preview
    own: bool
    out: bool


@console.get("/replies")
@needs("operator")
def replies() -> ResponseReturnValue:
    return _page()


@console.post("/replies")
@needs("operator")
def replies_write() -> ResponseReturnValue:
    """Keeps a reply; `fresh` when it is a new one."""
    form = request.form
    fresh = form.get("fresh") == "yes"
    reply = Canned(
        form.get("shortcut", "").strip().lower().removeprefix("/"),
        form.get("language", ""),
        form.get("topic", "") if form.get("topic", "") in topics() else "",
        " ".join(form.get("body", "").split()),
    )
    if form.get("act") == "preview":
        return _page(reply, {}, fresh=fresh)
    try:
        changed = replies_written.write(service(), me(), reply, fresh=fresh, address=address())
    except Unfit as error:
        return _page(reply, _said(error), fresh=fresh), 422
    flash(_("/%(shortcut)s is kept.", shortcut=reply.shortcut) if changed else _("Nothing has changed."), "success")
    return go(url_for("console.replies", language=reply.language))


@console.post("/replies/remove")
@needs("operator")
def replies_remove() -> ResponseReturnValue:
    shortcut, language = request.form.get("shortcut", ""), request.form.get("language", "")
    if replies_written.remove(service(), me(), shortcut, language, address=address()):
        flash(_("Agents are no longer shown /%(shortcut)s.", shortcut=shortcut), "success")
    return go(url_for("console.replies", language=language))


@console.post("/replies/restore")
@needs("operator")
def replies_restore() -> ResponseReturnValue:
    shortcut, language = request.form.get("shortcut", ""), request.form.get("language", "")
    if replies_written.restore(service(), me(), shortcut, language, address=address()):
        flash(_("The shipped words stand again."), "success")
    return go(url_for("console.replies", language=language))


@console.post("/replies/preview")
@needs("operator")
def replies_preview() -> ResponseReturnValue:
    """How a reply would be read, while it is being written."""
    body = " ".join(request.form.get("body", "")[: LONGEST + 1].split())
    return render_template("console/replies/preview.html", preview=_preview(request.form.get("language", ""), body))


def _preview(language: str, body: str) -> Preview | None:
    if not body or language not in service().catalogue.texts.languages:
        return None
    return replies_written.preview(service(), language, body)


def topics() -> dict[str, str]:
    """What a reply can be about, with the names of the page."""
    return {"": _("everywhere")} | {topic: str(name) for topic, name in names.TOPICS.items() if topic not in NOT_TALKED}


def _page(typed: Canned | None = None, faults: Mapping[str, str] | None = None, *, fresh: bool = False) -> str:
    languages = service().catalogue.texts.languages
    asked = typed.language if typed else request.args.get("language", "")
    language = asked if asked in languages else names.language()
    with service().database.begin() as connection:
        found = [one for one in canned.every(connection) if one.language == language]
    shown = [_shown(one) for one in found]
    return render_template(
        "console/replies/page.html",
        replies=[one for one in shown if not one.out],
        taken_out=[one for one in shown if one.out],
        language_shown=language,
        topics=topics(),
        placeholders=[(name, MARKS[name]) for name in PLACEHOLDERS],
        typed=typed,
        typed_preview=_preview(language, typed.body) if typed else None,
        faults=faults or {},
        fresh=fresh,
    )


def _shown(one: Canned) -> Shown:
    body = one.body or canned.shipped()[one.shortcut, one.language].body
    preview = replies_written.preview(service(), one.language, body)
    return Shown(one, preview, own=one.written_at is not None, out=not one.body)


def _said(error: Unfit) -> dict[str, str]:
    """The field, and the sentence for it."""
    if error.fault == "shortcut":
        return {"shortcut": _("One to twenty letters, digits, - or _, without spaces.")}
    if error.fault == "taken":
        return {"shortcut": _("There is a reply under this shortcut already: change that one, or choose another.")}
    if error.fault == "language":
        return {"language": _("Choose a language.")}
    if error.fault == "empty":
        return {"body": _("Write what the customer reads.")}
    if error.fault == "long":
        return {"body": _("At most %(n)s characters.", n=LONGEST)}
    if error.fault == "placeholder":
        return {"body": _("Nothing fills %(marks)s. There are %(known)s.", marks=error.what, known=_known())}
    return {"body": " ".join(gate_said(one) for one in error.reasons)}


@console.app_template_filter("gate_said")
def gate_said(reason: Reason) -> str:
    return names.reason_said(reason.code, reason.words)


def _known() -> str:
    return " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
