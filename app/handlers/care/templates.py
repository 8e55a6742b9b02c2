"""Texts that start conversations: which version leaves, and what people do to them.

An edit is a new version, a draft; it leaves when somebody else than its author approves it, which needs the gate's
consent as well. The one that it replaces never comes back by itself: after a retirement nothing leaves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import structlog
from sqlalchemy import Connection

from app.care.checked import Fault
from app.care.library import BadTemplate, kept, read, shipped
from app.care.template import Template
from app.handlers.care import drafts
from app.handlers.care.sampling import invented
from app.handlers.service import Service
from app.rules.gate import Reason
from app.store import audit, events, locks, occasions
from app.store import templates as rows

log = structlog.get_logger()

LONGEST_REASON = 500

Why = Literal["unknown", "decided", "author", "older", "reason", "gate", "standing"]
"""unknown: no such version · decided: it has its verdict already · author: whoever wrote it asks · older: a newer one
is approved · reason: none was given, or too long a one · gate: see `reasons` · standing: it is not what leaves."""


class Unfit(ValueError):
    """The draft has `faults`, each with field, code and what to do."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(f"{fault.field}: {fault.says}" for fault in faults))
        self.faults = tuple(faults)


class Outdated(ValueError):
    """Somebody wrote `newest` since the author began."""

    def __init__(self, newest: int) -> None:
        super().__init__(f"version {newest} was written meanwhile; begin again from that one")
        self.newest = newest


class NotDone(ValueError):
    """The verdict is not given. `why` and the gate's `reasons` tell it to a page in another language."""

    def __init__(self, why: Why, says: str, reasons: Sequence[Reason] = ()) -> None:
        super().__init__(says)
        self.why, self.reasons = why, tuple(reasons)


def approved(connection: Connection, key: str, language: str) -> Template | None:
    """The version that leaves: the approved one, else the release's own (version 0) until it is replaced or retired.
    None, and a line in the log, also when the rules of a newer release do not take the words any more."""
    found = rows.in_force(connection, key, language)
    if found is None:
        return shipped().get((key, language))
    if found.state != "approved":
        return None
    try:
        return read(key, language, found.content, found.version)
    except BadTemplate as bad:
        fields = [fault.field for fault in bad.faults]
        log.error("template_unfit", template=key, language=language, version=found.version, fields=fields)
        return None


def languages(connection: Connection) -> set[tuple[str, str]]:
    """(key, language) of every text that may leave."""
    states = rows.states_in_force(connection)
    own = {pair for pair, state in states.items() if state == "approved"}
    return own | (set(shipped()) - set(states))


def draft(service: Service, author: str, template: Template, *, after: int | None = None, address: str = "") -> int:
    """Keeps a new version for approval; its number. `template.version` does not matter. `after`: the newest version
    that the author saw. Raises `Unfit`, and `Outdated` when there is a newer one."""
    if found := drafts.faults(service, template):
        raise Unfit(found)
    key, language, content = template.key, template.language, kept(template)
    with service.database.begin() as connection:
        if fault := drafts.strays(connection, template):
            raise Unfit([fault])
        now, newest = service.clock(), rows.newest(connection, key, language)
        if after is not None and newest != after:
            raise Outdated(newest)
        version = newest + 1
        if not rows.add(connection, key, language, version, content, author, now):
            raise Outdated(version)
        _record(service, connection, author, "template.draft", replace(template, version=version), address)
    service.wake("console")
    return version


def approve(service: Service, approver: str, key: str, language: str, version: int, *, address: str = "") -> None:
    """From now on this version leaves. Raises `NotDone`: also for the author, and when the gate refuses the words for
    one of the kinds of customers that a text has to suit."""
    with service.database.begin() as connection:
        template = _template(key, language, _row(rows.versions(connection, key, language), version))
    refusals = [reason for one in invented(service, template) for reason in one.reasons if reason.level == "refuse"]
    if refusals:
        told = dict.fromkeys(refusals)
        raise NotDone("gate", f"the gate refuses it: {', '.join(reason.code for reason in told)}", list(told))
    with service.database.begin() as connection:
        found = rows.versions(connection, key, language, hold=True)
        row = _row(found, version)
        standing = next((one for one in found if one.state == "approved"), None)
        if row.state != "draft":
            raise NotDone("decided", f"version {version} is {row.state} already")
        if row.author == approver:
            raise NotDone("author", "somebody else than the author has to approve it")
        if standing is not None and standing.version > version:
            raise NotDone("older", f"version {standing.version} is approved, which is newer")
        now = service.clock()
        if standing is not None:
            rows.settle(connection, standing.id, "approved", "replaced", approver, now, f"version {version}")
        if not rows.settle(connection, row.id, "draft", "approved", approver, now):
            raise NotDone("decided", f"version {version} was decided meanwhile")
        _record(service, connection, approver, "template.approve", template, address)
    service.wake("console")


def reject(
    service: Service, judge: str, key: str, language: str, version: int, reason: str, *, address: str = ""
) -> None:
    """The draft does not leave; authors may withdraw their own. Raises `NotDone`."""
    reason = _reason(reason)
    with service.database.begin() as connection:
        row = _row(rows.versions(connection, key, language, hold=True), version)
        if not rows.settle(connection, row.id, "draft", "rejected", judge, service.clock(), reason):
            raise NotDone("decided", f"version {version} is {row.state} already")
        _record(service, connection, judge, "template.reject", _template(key, language, row), address)
    service.wake("console")


def retire(
    service: Service, judge: str, key: str, language: str, version: int, reason: str, *, address: str = ""
) -> None:
    """What leaves now, version 0 too, leaves no more, and is withdrawn where it is queued; nor does anything else until
    a draft is approved. Raises `NotDone`."""
    reason = _reason(reason)
    with service.database.begin() as connection:
        # Nobody queues a text of it who saw it in force.
        locks.one_at_a_time(connection, locks.PROGRAMMES)
        found, now = rows.versions(connection, key, language, hold=True), service.clock()
        standing = rows.in_force(connection, key, language)
        if version == 0:
            own = shipped().get((key, language))
            if own is None:
                raise NotDone("unknown", f"the release has no {key} in {language}")
            done = standing is None and rows.add(
                connection, key, language, 0, kept(own), "", now, retired_by=judge, reason=reason
            )
            template = own
        else:
            row = _row(found, version)
            done = rows.settle(connection, row.id, "approved", "retired", judge, now, reason)
            template = _template(key, language, row)
        if not done:
            raise NotDone("standing", f"version {version} is not what leaves")
        occasions.retire(connection, key, language, now)
        _record(service, connection, judge, "template.retire", template, address)
    service.wake("console")


def _row(found: Sequence[Any], version: int) -> Any:
    row = next((one for one in found if one.version == version), None)
    if row is None or version == 0:
        raise NotDone("unknown", f"there is no version {version} that somebody wrote")
    return row


def _template(key: str, language: str, row: Any) -> Template:
    try:
        return read(key, language, row.content, row.version)
    except BadTemplate as bad:
        raise Unfit(bad.faults) from None


def _reason(given: str) -> str:
    reason = " ".join(given.split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise NotDone("reason", f"a reason is needed, of at most {LONGEST_REASON} characters")
    return reason


def _record(service: Service, connection: Connection, who: str, deed: str, template: Template, address: str) -> None:
    now = service.clock()
    content = json.dumps(kept(template), ensure_ascii=False, sort_keys=True)
    detail = {"version": template.version, "content": hashlib.sha256(content.encode()).hexdigest()}
    subject = f"template:{template.language}:{template.key}"
    audit.add(connection, who, deed, subject, now, detail=detail, address=address)
    events.tell(connection, "settings", now)
