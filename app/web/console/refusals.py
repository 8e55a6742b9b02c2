"""Why a ticket cannot be acted on, said in the language of the page."""

from __future__ import annotations

from flask_babel import gettext as _

from app.handlers.agent_acted import NotYours
from app.handlers.agent_acted.claiming import AtTheLimit
from app.store import tickets
from app.web.console.doors import me, service


def why_not(error: NotYours, ticket_id: int) -> str:
    """The sentence for a refused act: who has the ticket now, that it is closed, or that one's hands are full."""
    if isinstance(error, AtTheLimit):
        return _("You hold as many conversations as your limit allows. Close or hand on one first.")
    with service().database.begin() as connection:
        ticket = tickets.by_id(connection, ticket_id)
    return whose(ticket)


def whose(ticket: object) -> str:
    """Who has a ticket (a row, or None when there is none), as one sentence."""
    if ticket is None:
        return _("There is no such ticket.")
    state, agent = getattr(ticket, "state", ""), getattr(ticket, "agent", "")
    meant_for = getattr(ticket, "meant_for", "")
    if state == "closed":
        return _("Closed by %(agent)s.", agent=agent) if agent else _("It is closed.")
    if agent == me().name:
        return _("It is yours already.")
    if agent:
        return _("%(agent)s has it already.", agent=agent)
    if meant_for and meant_for != me().name:
        return _("Offered to %(agent)s just now.", agent=meant_for)
    return _("It waits: claim it first.")
