"""One talk: the page on which an agent reads, answers, and lets go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.handlers import options
from app.handlers.talk_read import NotForYou, Opened, open_talk
from app.rules.urgency import GRAVE
from app.store import presence
from app.web.console import console, words  # noqa: F401  (words: the filters of the templates)
from app.web.console.desk import talk_shown
from app.web.console.desk.transcript import transcript
from app.web.console.doors import address, me, needs, service
from app.web.console.ways import asks_for_a_part, plain


@console.get("/tickets/<int:ticket>")
@needs("agent", "supervisor")
def ticket(ticket: int) -> ResponseReturnValue:
    """The page; with `HX-Request` only what changes while it is open, or with `before` the page above."""
    if not request.headers.get("HX-Request"):
        return talk_page(ticket)
    before = _moment(request.args.get("before", ""))
    opened = read(ticket, before=before, looks=request.args.get("looks") != "no")
    if before:
        earlier = transcript(opened.talk, service().zone, before=before)
        return render_template("console/talk/entries.html", transcript=earlier, ticket=ticket)
    return render_template("console/talk/live.html", seen=_seen(opened))


def talk_page(
    ticket: int,
    *,
    said: str = "",
    status: int = 200,
    typed: str = "",
    offer: bool = False,
    noted: str | None = None,
    told: dict[str, str] | None = None,
) -> ResponseReturnValue:
    """The whole page. `said`: why something was refused; `typed` and `noted`: words of a text and of a note, which are
    kept; `told`: facts of the customer that were just asked for."""
    opened = read(ticket)
    seen = _seen(opened)
    with service().database.begin() as connection:
        colleagues = talk_shown.colleagues(connection, me(), seen.now)
        replies = talk_shown.replies(connection, service(), seen, me()) if seen.is_talk else []
        guides = talk_shown.guide_mail(connection, service(), seen)
        survey = seen.row.topic not in GRAVE and options.survey_wanted(connection)
    page = render_template(
        "console/talk/page.html",
        seen=seen,
        said=said,
        typed=typed,
        offer=offer,
        noted=noted,
        told=told or {},
        new_token=talk_shown.token,
        facts=talk_shown.facts(seen.talk),
        colleagues=[(row.name, talk_shown.is_there(row, seen.now)) for row in colleagues],
        replies=replies,
        guides=guides,
        flows=talk_shown.flows(service()),
        outcomes=talk_shown.outcomes(seen.row),
        teams=talk_shown.TEAMS,
        survey=survey,
    )
    return make_response(page, status)


def read(ticket: int, *, before: datetime | None = None, looks: bool = True) -> Opened:
    """Opens the talk, or answers 404 and 403."""
    supervisor = me().role == "supervisor"
    try:
        opened = open_talk(
            service(), ticket, me().name, supervisor=supervisor, before=before, looks=looks, address=address()
        )
    except NotForYou:
        abort(403)
    if opened is None:
        abort(404)
    return opened


def refuse(ticket: int, said: str, status: int, **kept: Any) -> ResponseReturnValue:
    """A sentence for a script; without one the page again, with what was typed."""
    if not asks_for_a_part():
        return talk_page(ticket, said=said, status=status, **kept)
    return plain(said, status)


def _seen(opened: Opened) -> talk_shown.Shown:
    with service().database.begin() as connection:
        people = presence.looking(connection, [opened.row.id], service().clock())
    return talk_shown.shown(service(), opened, me(), people)


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
