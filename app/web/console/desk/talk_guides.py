"""A picture guide by e-mail: the agent's text that tells of it, and the mail beside it."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.handlers import agent_acted
from app.handlers.agent_acted import CannotMail, NotYours, Refused
from app.web.console import console, names
from app.web.console.desk import talk_shown
from app.web.console.desk.composer import MOST, verdict_words
from app.web.console.desk.talk import refuse
from app.web.console.doors import address, go, me, needs, service
from app.web.console.refusals import why_not
from app.web.console.ways import asks_for_a_part

WHY: names.Names = {
    "no_channel": _("The bank sends no e-mail."),
    "no_guide": _("Choose a guide."),
    "no_address": _("There is no e-mail address of this customer, or more than one."),
    "again": _("This guide went there within the last hour."),
    "often": _("Five mails went there within a day: no more today."),
}


@console.post("/tickets/<int:ticket>/guide")
@needs("agent", "supervisor")
def send_guide(ticket: int) -> ResponseReturnValue:
    """Sends both. The same `token` again sends nothing more: a double click, or a page that was sent once more."""
    text = request.form.get("text", "").replace("\r\n", "\n")[:MOST]
    guide, token = request.form.get("guide", ""), request.form.get("token", "")[:64]
    try:
        agent_acted.send_guide(service(), ticket, me().name, guide, text, token=token, address=address())
    except NotYours as error:
        return refuse(ticket, why_not(error, ticket), 409)
    except CannotMail as error:
        return refuse(ticket, str(WHY[error.why]), 422)
    except Refused as error:
        return refuse(ticket, " ".join(reason["said"] for reason in verdict_words(error.verdict)["reasons"]), 422)
    except ValueError:
        return refuse(ticket, str(_("A flag has no conversation in which a guide could be sent.")), 422)
    if asks_for_a_part():
        return {"token": talk_shown.token()}
    return go(url_for("console.ticket", ticket=ticket, _anchor="last"))
