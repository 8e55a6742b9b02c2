"""The queue: who waits, how long, and who has whom. Rows are the same for everybody; the page sorts them for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.handlers.agent_acted import NotYours, claim
from app.store import queue as rows
from app.store.agents import Agent
from app.store.queue import QueueRow
from app.web.console import console, words  # noqa: F401  (the filters of the templates)
from app.web.console.doors import address, go, me, needs, service
from app.web.console.refusals import why_not
from app.web.console.ways import asks_for_a_part, plain
from app.web.metrics import observe_pickup

FIRST = 100
"""Rows of waiting talks that a page opens with; `?all=1` shows the rest."""
MOST = 1000


@dataclass(frozen=True, slots=True)
class Lists:
    """The queue as one person sees it, each list in the order in which it is served. `unshown`: waiting talks beyond
    the first page."""

    mine: list[QueueRow]
    offered: list[QueueRow]
    talks: list[QueueRow]
    flags: list[QueueRow]
    others: list[QueueRow]
    unshown: int
    now: datetime


@console.get("/queue")
@needs("agent", "supervisor")
def queue() -> ResponseReturnValue:
    return _page()


@console.post("/tickets/<int:ticket>/claim")
@needs("agent", "supervisor")
def claim_ticket(ticket: int) -> ResponseReturnValue:
    """One click of several gets it; everybody else is told in place who was faster."""
    try:
        waited = claim(service(), ticket, me().name, address=address())
    except NotYours as error:
        said = why_not(error, ticket)
        if asks_for_a_part():
            return plain(said, 409)
        return _page(said, ticket), 409
    observe_pickup(waited)
    return go(url_for("console.ticket", ticket=ticket))


def _page(refused: str = "", at: int = 0) -> str:
    part = "list" if request.method == "GET" and request.headers.get("HX-Request") else "page"
    lists = _lists(me(), every=bool(request.args.get("all")))
    return render_template(f"console/queue/{part}.html", lists=lists, refused=refused, refused_at=at)


def _lists(agent: Agent, *, every: bool) -> Lists:
    now = service().clock()
    with service().database.begin() as connection:
        waiting = rows.rows(connection, states=("waiting",), most=MOST)
        claimed = rows.rows(connection, states=("claimed",), most=MOST)
    talks = [row for row in waiting if row.kind == "talk"]
    shown = talks if every else talks[:FIRST]
    return Lists(
        mine=sorted((row for row in claimed if row.agent == agent.name), key=lambda row: (not row.unread, row.since)),
        offered=[row for row in waiting if is_offered(row, agent, now)],
        talks=shown,
        flags=[row for row in waiting if row.kind == "flag"],
        others=[row for row in claimed if row.agent != agent.name],
        unshown=len(talks) - len(shown),
        now=now,
    )


def is_offered(row: QueueRow, agent: Agent, now: datetime) -> bool:
    """True while this person alone may claim it, or a colleague has handed it on to them."""
    return row.meant_for == agent.name and (row.offered_until is None or row.offered_until > now)
