"""An operator writes replies that agents keep at hand. They pass the content gate here, and again when one is sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.handlers.service import Service
from app.handlers.words_judged import judge
from app.rules.canned import fill, unknown
from app.rules.gate import Reason, Verdict
from app.store import audit, canned, events
from app.store.agents import Agent
from app.store.canned import Canned

SHORTCUT = re.compile(r"[\w-]{1,20}")
LONGEST = 500
SOMEBODY = {"zh-CN": {"customer": "欧阳先生", "agent": "小李"}, "en": {"customer": "Ms Featherstone", "agent": "Lee"}}


class Unfit(ValueError):
    """The reply cannot be kept. `fault`: shortcut · taken · language · topic · empty · long · placeholder · gate;
    `what`: the placeholders; `reasons`: what the gate refuses."""

    def __init__(self, fault: str, what: str = "", reasons: Sequence[Reason] = ()) -> None:
        super().__init__(f"{fault} {what}".strip())
        self.fault, self.what, self.reasons = fault, what, tuple(reasons)


@dataclass(frozen=True, slots=True)
class Preview:
    """`said`: with sample values, signed, as a customer would read it."""

    said: str
    parts: int
    reasons: tuple[Reason, ...]


def write(service: Service, agent: Agent, reply: Canned, *, fresh: bool = False, address: str = "") -> bool:
    """Keeps a reply under its shortcut and language. `fresh`: nothing may stand there yet. False when it was so
    already. Raises `Unfit`."""
    _check(service, reply)
    with service.database.begin() as connection:
        before = canned.one(connection, reply.shortcut, reply.language)
        if fresh and before is not None and before.body:
            raise Unfit("taken")
        if before is not None and (before.topic, before.body) == (reply.topic, reply.body):
            return False
        now = service.clock()
        canned.write(connection, reply.shortcut, reply.language, reply.topic, reply.body, agent.name, now)
        action = "reply.edit" if before is not None and before.body else "reply.add"
        detail = {"old": digest(before), "new": digest(reply), "topic": reply.topic}
        audit.add(connection, agent.name, action, _subject(reply), now, detail=detail, address=address)
        events.tell(connection, "settings", now)
    service.wake("console")
    return True


def remove(service: Service, agent: Agent, shortcut: str, language: str, *, address: str = "") -> bool:
    """Takes a reply out of what agents are shown; a shipped one can be brought back. False when there is none."""
    with service.database.begin() as connection:
        before = canned.one(connection, shortcut, language)
        if before is None or not before.body:
            return False
        now = service.clock()
        if before.shipped:
            canned.write(connection, shortcut, language, before.topic, "", agent.name, now)
        else:
            canned.drop(connection, shortcut, language)
        detail = {"old": digest(before), "new": ""}
        audit.add(connection, agent.name, "reply.remove", _subject(before), now, detail=detail, address=address)
        events.tell(connection, "settings", now)
    service.wake("console")
    return True


def restore(service: Service, agent: Agent, shortcut: str, language: str, *, address: str = "") -> bool:
    """The shipped words stand again. False when they did, or there are none."""
    shipped = canned.shipped().get((shortcut, language))
    with service.database.begin() as connection:
        before = canned.one(connection, shortcut, language)
        if shipped is None or before is None or before.written_at is None:
            return False
        now = service.clock()
        canned.drop(connection, shortcut, language)
        detail = {"old": digest(before), "new": digest(shipped)}
        audit.add(connection, agent.name, "reply.restore", _subject(shipped), now, detail=detail, address=address)
        events.tell(connection, "settings", now)
    service.wake("console")
    return True


def preview(service: Service, language: str, body: str) -> Preview:
    """How a customer would read it, and what the gate says. Its words alone are judged: whether figures may be told,
    or a code asked for, depends on the customer and is judged when it is sent."""
    verdict = _judged(service, language, body)
    return Preview(verdict.body, verdict.parts, verdict.reasons)


def digest(reply: Canned | None) -> str:
    return hashlib.sha256(reply.body.encode()).hexdigest() if reply and reply.body else ""


def _check(service: Service, reply: Canned) -> None:
    if not SHORTCUT.fullmatch(reply.shortcut):
        raise Unfit("shortcut")
    if reply.language not in service.catalogue.texts.languages:
        raise Unfit("language")
    if not reply.body.strip():
        raise Unfit("empty")
    if len(reply.body) > LONGEST:
        raise Unfit("long")
    if strays := unknown(reply.body):
        raise Unfit("placeholder", " ".join(strays))
    verdict = _judged(service, reply.language, reply.body)
    if not verdict.allowed:
        raise Unfit("gate", reasons=verdict.refusals)


def _judged(service: Service, language: str, body: str) -> Verdict:
    values = {**SOMEBODY.get(language, SOMEBODY["en"]), "hotline": service.hotline, "bank": service.name(language)}
    return judge(service, language, fill(body, values))


def _subject(reply: Canned) -> str:
    return f"reply:{reply.language}:{reply.shortcut}"
