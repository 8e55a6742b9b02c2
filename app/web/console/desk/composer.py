"""The composer: what the content gate says of a text while it is written, and sending it, once."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.handlers import agent_acted
from app.handlers.agent_acted import NotYours, Refused
from app.rules.gate import Verdict
from app.web.console import console, names
from app.web.console.desk import talk_shown
from app.web.console.desk.talk import refuse
from app.web.console.doors import address, go, me, needs, service
from app.web.console.refusals import why_not
from app.web.console.ways import asks_for_a_part

MOST = 2000
"""Characters that are judged: far beyond what a text may have."""
ONE_PART = 160


@console.post("/tickets/<int:ticket>/judge")
@needs("agent", "supervisor")
def judge(ticket: int) -> ResponseReturnValue:
    """The gate's verdict on a text that is being written, as JSON."""
    text, offer = _written()
    try:
        verdict = agent_acted.judge(service(), ticket, me().name, text, offer=offer)
    except NotYours as error:
        return refuse(ticket, why_not(error, ticket), 409)
    return verdict_words(verdict)


@console.post("/tickets/<int:ticket>/reply")
@needs("agent", "supervisor")
def reply(ticket: int) -> ResponseReturnValue:
    """Sends a text. The same `token` again sends nothing more: a double click, or a page that was sent once more."""
    text, offer = _written()
    token = request.form.get("token", "")[:64]
    try:
        agent_acted.reply(service(), ticket, me().name, text, offer=offer, token=token, address=address())
    except NotYours as error:
        return refuse(ticket, why_not(error, ticket), 409, typed=text, offer=offer)
    except Refused as error:
        told = verdict_words(error.verdict)
        if asks_for_a_part():
            return make_response(told, 422)
        said = " ".join(reason["said"] for reason in told["reasons"])
        return refuse(ticket, said, 422, typed=text, offer=offer)
    if asks_for_a_part():
        return {"token": talk_shown.token()}
    return go(url_for("console.ticket", ticket=ticket, _anchor="last"))


def _written() -> tuple[str, bool]:
    return request.form.get("text", "").replace("\r\n", "\n")[:MOST], request.form.get("kind") == "offer"


def verdict_words(verdict: Verdict) -> dict[str, Any]:
    """`reasons` with a sentence each, refusals first; `size` says how long the text is and what still fits."""
    reasons = sorted(verdict.reasons, key=lambda reason: reason.level != "refuse")
    return {
        "allowed": verdict.allowed,
        "parts": verdict.parts,
        "size": _size(verdict),
        "reasons": [
            {
                "level": reason.level,
                "code": reason.code,
                "said": names.named(names.REASONS, reason.code),
                "found": reason.words,
            }
            for reason in reasons
        ],
    }


def _size(verdict: Verdict) -> str:
    count, more = service().gateway.count_parts, "a" if verdict.body.isascii() else "字"
    room = range(ONE_PART + 1)
    left = bisect_right(room, verdict.parts, key=lambda fits: count(verdict.body + more * fits)) - 1
    parts = ngettext("%(num)s part", "%(num)s parts", verdict.parts)
    return _("%(parts)s, room for %(left)s", parts=parts, left=max(left, 0))
