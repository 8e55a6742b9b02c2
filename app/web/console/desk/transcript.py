"""The rows of a talk as one transcript: what was said by whom, what became of it, and what happened in between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.flows.code_place import CODE
from app.gateways.port import Status
from app.store.talks import Pages, Talk
from app.web.console import names
from app.web.console.desk.transcript_beside import Beside, beside_texts, mails
from app.web.console.desk.transcript_why import Why, origin, why

Kind = Literal["heard", "said", "note", "line"]
PROVEN = {"proof.proven", "check.passed"}
QUIET_FLOWS = {"human", "handback", "survey"}
"""Entered by what a person did, which has a line of its own."""
MONEY = re.compile(r"\d[\d,]*\.\d{2}")
DOTS = "••••"
AGENT = "agent:"
"""In front of the name of whoever wrote a text; all others are the bank's own."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """`tone`: waits · sent · arrived · failed. `words` name the state, `reason` says why, when it failed."""

    tone: str
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transcript. `by`: who wrote it (empty: the bot, or the customer). `mark`: the kind of a line, for
    its icon."""

    kind: Kind
    at: datetime
    key: str
    body: str
    by: str = ""
    mark: str = ""
    purpose: str = ""
    media: int = 0
    hidden: bool = False
    """A figure in it is shown as dots: it is a fact of the customer, shown on demand."""
    why: Why | None = None
    origin: str = ""
    """Of a text that began a conversation: which programme it is of, and which words."""
    delivery: Delivery | None = None
    beside: tuple[Beside, ...] = ()
    """What went beside a text by other channels, and what came of it."""
    order: int = 0
    """Among entries of one moment: the text, the flow, what was opened, the answer, then what people did."""


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Transcript:
    """`earlier`: there may be more before the first entry, asked for with its moment; None when this is all."""

    days: list[Day]
    earlier: datetime | None


def transcript(talk: Talk, zone: ZoneInfo, *, before: datetime | None = None, most: int = 100) -> Transcript:
    """The newest `most` entries of what was read, oldest first, by day in the bank's zone."""
    found = sorted(_entries(talk, before), key=lambda entry: (entry.at, entry.order))
    full = any(
        len(rows) >= most
        for rows in (talk.pages.heard, talk.pages.said, talk.pages.traces, talk.pages.notes, talk.pages.deeds)
    )
    earlier = None
    if len(found) > most or (full and found):
        # Everything of the oldest moment that is shown, so that the page before it may end at that moment.
        cut = found[-most].at if len(found) > most else found[0].at
        found, earlier = [entry for entry in found if entry.at >= cut], cut
    days: list[Day] = []
    for entry in found:
        day = entry.at.astimezone(zone).date()
        if not days or days[-1].day != day:
            days.append(Day(day))
        days[-1].entries.append(entry)
    return Transcript(days, earlier)


def _entries(talk: Talk, before: datetime | None) -> Iterator[Entry]:
    pages = talk.pages
    begun = {row.message_id: row for row in pages.begun}
    beside = beside_texts(pages.beside)
    read = {row.inbound_id: why(row.detail, pages.begun) for row in pages.traces if row.inbound_id is not None}
    for row in pages.heard:
        yield Entry("heard", row.received_at, f"i{row.id}", row.body, media=row.media, why=read.get(row.id))
    for row in pages.said:
        yield _said(row, begun.get(row.id), beside.get(row.id, ()))
    for row in pages.notes:
        yield Entry("note", row.at, f"n{row.id}", row.body, by=row.agent, order=2)
    lines = (
        *_flow_lines(pages),
        *_consent_lines(pages),
        *_deed_lines(pages),
        *_ticket_lines(talk),
        *_later_lines(talk),
        *(Entry("line", at, key, words, mark="mail", order=5) for at, key, words in mails(pages.beside)),
    )
    yield from (line for line in lines if before is None or line.at < before)


def _said(row: Any, occasion: Any, beside: tuple[Beside, ...]) -> Entry:
    body = row.body.replace(CODE, DOTS)
    shown = MONEY.sub(DOTS, body) if row.figures else body
    by = row.author.removeprefix(AGENT) if row.author.startswith(AGENT) else ""
    return Entry(
        "said",
        row.created_at,
        f"m{row.id}",
        shown,
        by=by,
        purpose=row.purpose,
        hidden=shown != body,
        origin=origin(occasion) if occasion else "",
        delivery=delivery(row.state, row.status, row.reason, row.error_code or ""),
        beside=beside,
        order=6 if by else 4,
    )


def delivery(state: str, status: int, reason: str, code: str) -> Delivery:
    """What a row of the outbox says of a text, in words."""
    if state in {"queued", "sending"}:
        return Delivery("waits", _("Waits to be sent"))
    if state in {"withheld", "withdrawn"}:
        return Delivery("failed", _("Not sent"), names.failure_name(reason))
    if state == "failed" or status in {Status.UNDELIVERED, Status.FAILED, Status.CANCELED}:
        return Delivery("failed", _("Did not arrive"), _failure(reason, code))
    if state == "unsettled":
        return Delivery("waits", _("Nobody knows yet"), _("the carrier has not answered"))
    if status in {Status.DELIVERED, Status.READ}:
        return Delivery("arrived", _("Arrived"))
    return Delivery("sent", _("Sent"))


def _failure(reason: str, code: str) -> str:
    words = names.failure_name(reason or "unknown")
    return _("%(reason)s (code %(code)s)", reason=words, code=code) if code else words


def _flow_lines(pages: Pages) -> Iterator[Entry]:
    """A line when the bot enters another flow, and one when a code was passed."""
    stood = ""
    for row in reversed(pages.traces):
        path: Sequence[str] = row.detail.get("path", ())
        entered: list[str] = []
        for step in path:
            flow = step.partition(".")[0]
            if flow != stood and flow not in QUIET_FLOWS and (name := names.flow_name(flow)) and name not in entered:
                entered.append(name)
            stood = flow
        if entered:
            yield Entry(
                "line", row.at, f"t{row.id}", _("Bot: %(flows)s", flows=" › ".join(entered)), mark="flow", order=1
            )
        if PROVEN & set(path):
            yield Entry("line", row.at, f"t{row.id}p", _("The customer passed a code"), mark="proof", order=1)


def _consent_lines(pages: Pages) -> Iterator[Entry]:
    for row in pages.consents:
        scope, how = names.named(names.SCOPES, row.scope), names.named(names.SOURCES, row.source)
        words = (
            _("%(scope)s refused, %(how)s", scope=scope, how=how)
            if row.verdict == "refused"
            else _("%(scope)s allowed, %(how)s", scope=scope, how=how)
        )
        yield Entry("line", row.at, f"c{row.id}", words, mark="consent", order=2)


def _deed_lines(pages: Pages) -> Iterator[Entry]:
    for row in pages.deeds:
        words = _deed(row.action, row.actor.removeprefix("agent:"), str((row.detail or {}).get("to", "")))
        if words:
            yield Entry("line", row.at, f"a{row.id}", words, mark="person", order=5)


def _deed(action: str, who: str, to: str) -> str:
    match action:
        case "ticket.claim":
            return _("%(who)s took the conversation", who=who)
        case "ticket.take_over":
            return _("%(who)s took it over", who=who)
        case "ticket.offer":
            return _("Offered to %(to)s", to=to)
        case "ticket.return":
            return _("Back in the queue")
        case "ticket.reassign":
            return _("%(who)s gave it to %(to)s", who=who, to=to)
        case "ticket.transfer":
            return _("%(who)s handed it on to %(to)s", who=who, to=names.topic_name(to) if to in names.TOPICS else to)
        case "ticket.release":
            return _("%(who)s handed back to the bot", who=who)
        case "code.ask":
            return _("%(who)s asked for a code", who=who)
    return ""


def _ticket_lines(talk: Talk) -> Iterator[Entry]:
    for row in talk.tickets:
        topic = names.topic_name(row.topic)
        words = (
            _("Asked for a person: %(topic)s", topic=topic)
            if row.kind == "talk"
            else _("Flagged: %(topic)s", topic=topic)
        )
        yield Entry(
            "line", row.opened_at, f"o{row.id}", words, mark="ticket" if row.kind == "talk" else "flag", order=3
        )
        if row.closed_at:
            outcome = names.outcome_name(row.outcome)
            closed = _("Closed: %(outcome)s", outcome=outcome) if outcome else _("Closed")
            yield Entry("line", row.closed_at, f"z{row.id}", closed, by=row.agent, mark="closed", order=7)


def _later_lines(talk: Talk) -> Iterator[Entry]:
    for row in talk.callbacks:
        yield Entry("line", row.booked_at, f"b{row.id}", _("Callback booked"), mark="callback", order=3)
        if row.settled_at and row.state in {"kept", "missed", "cancelled", "failed"}:
            words = {
                "kept": _("Callback kept"),
                "missed": _("Callback missed"),
                "cancelled": _("Callback cancelled"),
                "failed": _("Callback failed"),
            }[row.state]
            yield Entry("line", row.settled_at, f"b{row.id}s", words, mark="callback", order=3)
    for row in talk.pages.surveys:
        if row.answered_at and row.score:
            words = _("The customer gives %(score)s of 5", score=row.score)
            yield Entry("line", row.answered_at, f"s{row.id}", words, mark="score", order=3)
