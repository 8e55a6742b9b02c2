"""What an agent does in a talk: each a form that works without scripts, and answers a script with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.handlers import agent_acted
from app.handlers.agent_acted import NotYours
from app.handlers.agent_acted.asking import FACTS, MOST_NOTE
from app.web.console import console
from app.web.console.desk import talk_shown
from app.web.console.desk.talk import refuse, talk_page
from app.web.console.doors import address, go, me, needs, service
from app.web.console.refusals import why_not
from app.web.console.ways import asks_for_a_part
from app.web.metrics import observe_pickup

FAR = timedelta(days=366)
"""No date or time that an agent fills in for a flow is further away."""


@dataclass(slots=True)
class Outcome:
    """How an act went: `said` is empty when it worked."""

    said: str = ""
    status: int = 409


@contextmanager
def _tried(ticket: int, unfit: str = "") -> Iterator[Outcome]:
    """Turns what a handler refuses into a sentence. `unfit` is the one for a ValueError: of its causes the form leaves
    one; without it there is none left, and what comes is a fault of ours."""
    outcome = Outcome()
    try:
        yield outcome
    except NotYours as error:
        outcome.said = why_not(error, ticket)
    except ValueError:
        if not unfit:
            raise
        outcome.said, outcome.status = unfit, 422


def _act(
    ticket: int, act: Callable[[], object], *, away: bool = False, done: str = "", unfit: str = ""
) -> ResponseReturnValue:
    """Does it, then shows the talk again, or with `away` the queue. `unfit`: see `_tried`."""
    with _tried(ticket, unfit) as outcome:
        act()
    if outcome.said:
        return refuse(ticket, outcome.said, outcome.status)
    if away:
        if done:
            flash(done, "success")
        return go(url_for("console.queue"))
    return "" if asks_for_a_part() else go(url_for("console.ticket", ticket=ticket))


@console.post("/tickets/<int:ticket>/note")
@needs("agent", "supervisor")
def add_note(ticket: int) -> ResponseReturnValue:
    """Keeps a note. The same `token` with the same words again keeps nothing more, as of a text."""
    body, token = request.form.get("body", "").replace("\r\n", "\n").strip(), request.form.get("token", "")[:64]
    if not body:
        return refuse(ticket, _("There are no words in the note."), 422, noted="")
    if len(body) > MOST_NOTE:
        return refuse(ticket, _("A note has at most %(most)s characters.", most=MOST_NOTE), 422, noted=body)
    supervisor = me().role == "supervisor"
    with _tried(ticket) as outcome:
        agent_acted.add_note(service(), ticket, me().name, body, supervisor=supervisor, token=token, address=address())
    if outcome.said:
        return refuse(ticket, outcome.said, outcome.status, noted=body)
    if asks_for_a_part():
        return {"token": talk_shown.token()}
    return go(url_for("console.ticket", ticket=ticket, _anchor="last"))


@console.post("/tickets/<int:ticket>/code")
@needs("agent", "supervisor")
def ask_code(ticket: int) -> ResponseReturnValue:
    return _act(
        ticket,
        lambda: agent_acted.ask_code(service(), ticket, me().name, address=address()),
        unfit=_("A flag has no conversation in which a code could be asked for."),
    )


@console.post("/tickets/<int:ticket>/reveal")
@needs("agent", "supervisor")
def reveal(ticket: int) -> ResponseReturnValue:
    """A fact in full: JSON for a script, else the page with it. The asking is recorded."""
    fact = request.form.get("fact", "")
    if fact not in FACTS:
        abort(400)
    value = ""
    with _tried(ticket, _("Several customers share this number: ask for the card ending first.")) as outcome:
        supervisor = me().role == "supervisor"
        value = agent_acted.reveal(service(), ticket, me().name, fact, supervisor=supervisor, address=address())
    if outcome.said:
        return refuse(ticket, outcome.said, outcome.status)
    shown = talk_shown.fact_words(fact, value)
    return {"value": shown} if asks_for_a_part() else talk_page(ticket, told={fact: shown})


@console.post("/tickets/<int:ticket>/transfer")
@needs("agent", "supervisor")
def transfer(ticket: int) -> ResponseReturnValue:
    kind, _colon, name = request.form.get("to", "").partition(":")
    if kind not in {"agent", "team"} or not name or (kind == "team" and name not in talk_shown.TEAMS):
        return refuse(ticket, _("Choose a colleague or a team."), 422)
    to = {f"to_{kind}": name}
    note = request.form.get("note", "")[:MOST_NOTE]
    return _act(
        ticket,
        lambda: agent_acted.transfer(service(), ticket, me().name, note=note, address=address(), **to),
        away=True,
        done=_("Handed on."),
        unfit=_not_to(name),
    )


@console.post("/tickets/<int:ticket>/release")
@needs("agent", "supervisor")
def release(ticket: int) -> ResponseReturnValue:
    """Back to the bot: where it stood, or into a flow with what the agent knows already."""
    flow = request.form.get("flow", "")
    known = {name for name, _title, _slot in talk_shown.flows(service())}
    if flow and flow not in known:
        abort(400)
    try:
        slots = _slots(flow)
    except ValueError:
        return refuse(ticket, _("That is no date or time."), 422)
    return _act(
        ticket,
        lambda: agent_acted.release(service(), ticket, me().name, flow or None, slots, address=address()),
        away=True,
        done=_("The bot goes on."),
    )


def _slots(flow: str) -> dict[str, str]:
    """What was filled in for the flow, as its steps read it. Raises ValueError for a date that is none."""
    slot = talk_shown.SLOTS.get(flow, "")
    given = request.form.get(f"slot-{slot}", "").strip() if slot else ""
    if not given:
        return {}
    if slot in {"from", "day"}:
        moment = datetime.fromisoformat(given).replace(tzinfo=service().zone)
        if not 1 < moment.year < 9999 or abs(moment - service().clock()) > FAR:
            raise ValueError(given)
        return {"from": moment.isoformat(), "exact": "yes"} if slot == "from" else {"day": moment.date().isoformat()}
    if not (given.isascii() and given.isdigit() and len(given) == 4):
        raise ValueError(given)
    return {slot: given}


@console.post("/tickets/<int:ticket>/close")
@needs("agent", "supervisor")
def close(ticket: int) -> ResponseReturnValue:
    outcome, survey = request.form.get("outcome", ""), "survey" in request.form
    if outcome not in agent_acted.handing.OUTCOMES:
        return refuse(ticket, _("Say how it ended."), 422)
    return _act(
        ticket,
        lambda: agent_acted.close(service(), ticket, me().name, outcome, survey=survey, address=address()),
        away=True,
        done=_("Closed."),
    )


@console.post("/tickets/<int:ticket>/take-over")
@needs("supervisor")
def take_over(ticket: int) -> ResponseReturnValue:
    return _act(ticket, lambda: observe_pickup(agent_acted.take_over(service(), ticket, me().name, address=address())))


@console.post("/tickets/<int:ticket>/reassign")
@needs("supervisor")
def reassign(ticket: int) -> ResponseReturnValue:
    to = request.form.get("to", "")
    if not to:
        return refuse(ticket, _("Choose a colleague or a team."), 422)
    return _act(
        ticket,
        lambda: observe_pickup(agent_acted.reassign(service(), ticket, me().name, to, address=address())),
        unfit=_not_to(to),
    )


def _not_to(name: str) -> str:
    return _("It cannot go to %(name)s: choose somebody else.", name=name)
