"""What keeps pages live: server-sent events on threads that are parked, and the same messages as JSON for whoever comes
when all of those are taken."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import cast

import structlog
from flask import Flask, Response, abort, current_app, jsonify, make_response, request, session
from flask.typing import ResponseReturnValue

from app.handlers.presence_told import Told
from app.web.console import console
from app.web.console.doors import background, me, needs, seat, service
from app.web.console.languages import language
from app.web.console.live.attendance import LIVE_ROLES, Attendance, Page
from app.web.console.live.changes import Change, Paint, painter
from app.web.console.live.feed import Feed, Heard, Place
from app.web.console.typed import whole

log = structlog.get_logger()

PING_EVERY = 20.0  # seconds: an answer must come within LOOKS, and one may be lost
COMMENT_EVERY = 10.0  # a client that has gone is noticed when something is written
ASK_AGAIN = 2  # seconds between two questions of a page that has no stream
TRY_AGAIN = 30  # seconds until such a page tries for a stream again


@dataclass(frozen=True, slots=True)
class Live:
    """What all pages of this process share. `ping`, `comment`: seconds, as above."""

    feed: Feed
    attendance: Attendance
    paint: Paint
    ping: float = PING_EVERY
    comment: float = COMMENT_EVERY


def set_up(app: Flask, wait: Callable[[float], None], sweep: Callable[[], float], most_pages: int) -> Live:
    """Nothing runs before the first page asks. `wait` and `sweep`: see `Feed`."""
    held = app.extensions["huifu"]
    attendance = Attendance(held, most_pages)
    live = Live(Feed(held.database, held.clock, attendance, wait, sweep), attendance, painter(app))
    app.extensions["huifu_live"] = live
    app.context_processor(lambda: {"made_at": made_at(held.clock())})
    return live


def made_at(now: datetime) -> str:
    """What a page sends to hear of everything since it was made: milliseconds, as text."""
    return str(int(now.timestamp() * 1000))


@console.get("/events")
@needs(*LIVE_ROLES)
@background
def events() -> ResponseReturnValue:
    """The stream. `since`: when the page was made; `tab`: made up by the page; Last-Event-ID wins over `since`."""
    live, page = _live(), _page()
    if not live.attendance.enter(page):
        return _full()
    live.feed.nudge()
    answer = Response(_stream(live, page, _place("Last-Event-ID"), _since(), language()))
    answer.call_on_close(lambda: live.attendance.leave(page))
    answer.mimetype = "text/event-stream"
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would keep the events until a buffer is full
    return answer


@console.get("/changes")
@needs(*LIVE_ROLES)
@background
def changes() -> ResponseReturnValue:
    """What a stream would have said since `after` (or `since`), at once. `wait`: seconds until to ask again."""
    live = _live()
    live.feed.use()
    heard = live.feed.resume(_place(), _since())
    messages = [{"event": "stale", "data": {}}] if heard.too_much else []
    said = [(one.kind, _json(live, one, language())) for one in heard.changes]
    messages += [{"event": kind, "data": json.loads(data)} for kind, data in said if data]
    return jsonify(after=str(heard.place), wait=ASK_AGAIN, stream_in=TRY_AGAIN, messages=messages)


@console.post("/alive")
@needs(*LIVE_ROLES)
@background
def alive() -> ResponseReturnValue:
    """A page tells that it is open. `ticket`: what it shows; `typing`, `left`: 1 when it does."""
    asked = request.form.get("ticket", "")
    ticket = whole(asked)
    if asked and ticket is None:
        abort(400)
    typing, left = (request.form.get(name) == "1" for name in ("typing", "left"))
    live, agent = _live(), me()
    live.feed.use()
    live.attendance.heard(Told(agent.id, agent.name, ticket, typing and not left, left))
    return "", 204


def _stream(live: Live, page: Page, place: Place | None, since: datetime, spoken: str) -> Iterator[str]:
    """The bytes of one stream, until the page has to end. Nothing is asked of the database while nothing happens."""
    live.feed.use()
    heard = live.feed.resume(place, since)
    # Pages that lost the same server do not all come back at the same moment.
    yield f"retry: {random.randint(1000, 3000)}\n\n" + _said("hello", "{}", heard.place) + _chunk(live, heard, spoken)
    pinged = monotonic() - random.uniform(0, live.ping)  # nor do all of them answer at the same moment
    while True:
        until_ping = max(0.0, pinged + live.ping - monotonic())
        heard = live.feed.listen(heard.place.number, min(live.comment, until_ping), page)
        if page.ended or live.feed.stopped:
            # The browser comes back by itself, with the cookie of today; one whose session is over gets 401 then.
            yield _said("replaced", "{}") if page.replaced else ": over\n\n"
            return
        said = _chunk(live, heard, spoken)
        if monotonic() - pinged >= live.ping:
            pinged = monotonic()
            said += _said("ping", "{}", heard.place)
        yield said or ": still here\n\n"


def _chunk(live: Live, heard: Heard, spoken: str) -> str:
    told = [_said("stale", "{}")] if heard.too_much else []
    told += [_said(one.kind, said) for one in heard.changes if (said := _json(live, one, spoken))]
    # The place stands with the last one: a stream that breaks off in between is told all of them again.
    return "".join(told[:-1]) + f"id: {heard.place}\n{told[-1]}" if told else ""


def _json(live: Live, change: Change, spoken: str) -> str:
    """Empty when it cannot be made: one row that cannot be shown must not end every page's stream, again and again."""
    try:
        return change.said(spoken, live.paint)
    except Exception as error:
        log.error("change_not_told", kind=change.kind, ticket=change.ticket_id, error=type(error).__name__)
        return ""


def _said(event: str, data: str, place: Place | None = None) -> str:
    named = f"id: {place}\n" if place else ""
    return f"{named}event: {event}\ndata: {data}\n\n"


def _page() -> Page:
    held = seat()
    if held is None:
        abort(401)
    begun, seen = (datetime.fromtimestamp(session[name], UTC) for name in ("begun", "seen"))
    until = min(begun + held.longest, seen + held.idle)
    return Page(held.agent, held.epoch, until, request.args.get("tab", "")[:40])


def _place(header: str = "") -> Place | None:
    return Place.read((request.headers.get(header, "") if header else "") or request.args.get("after", ""))


def _since() -> datetime:
    """When the page was made, as it says; now when it says nothing that makes sense."""
    now, told = service().clock(), request.args.get("since", "")
    if not (told.isdecimal() and len(told) < 15):
        return now
    return min(datetime.fromtimestamp(int(told) / 1000, UTC), now)


def _full() -> Response:
    answer = make_response("", 503)
    answer.headers["Retry-After"] = str(TRY_AGAIN)
    return answer


def _live() -> Live:
    return cast(Live, current_app.extensions["huifu_live"])
