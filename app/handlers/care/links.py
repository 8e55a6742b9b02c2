"""Short links (B7): made for one occasion, followed by whoever opens them, and leading nowhere but to the bank.

A code is derived from what it is for. So one occasion has one link however often it is asked for, also by two processes
at once, and no row must be looked up first.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.care.template import Template
from app.handlers.care.visitors import Visitor, handed_long_ago, kind_of
from app.handlers.service import Service
from app.rules.gate.links import within
from app.store import links as store
from app.store.links import Known, Seen
from app.store.patience import TooSlow, patience

log = structlog.get_logger()

LASTS = timedelta(days=30)
LETTERS = "123456789BCDFGHJKLMNPRSTWYZbcdfghjkmnprstwyz"
"""Without 0, O, I and l, so that a code can be read from one phone and typed into another. Without vowels, q, v and x,
so that none reads as a word, a chat number or a card's CVN: the gate held one text in a hundred for that."""
LENGTH = 11
"""44^11 codes: 60 bits. At ten thousand tries a second, one of a million live links is found after four years."""
CODE = re.compile(f"[{LETTERS}]{{{LENGTH}}}")
MAY_TAKE = 2.0
"""Seconds that the database may take before somebody who opened a link is told to try later."""

Why = Literal["", "unknown", "over", "away"]


class BadTarget(ValueError):
    """A link may not lead there; `str()` names the fault, and never the whole address."""


class _Away(Exception):
    """Nobody can say at the moment where a link leads."""


class Route(Protocol):
    """What a link asks of `app.care.routes.Route`."""

    @property
    def constant_links(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Followed:
    """`target`: where to, or None and `why`: nobody made such a link (unknown), it is over, or nobody knows at the
    moment (away). `language`: of the text that carried it, empty when it is not known. `noted`: the visit will be
    written down."""

    target: str | None
    kind: str
    why: Why = ""
    language: str = ""
    noted: bool = True


def make(
    service: Service,
    connection: Connection,
    occasion_id: int,
    template: Template,
    now: datetime,
    route: Route | None = None,
) -> str:
    """The URL for `{link}` of a template's text. On a route that forbids links of one's own it is the template's
    constant one, whose visits count for the template alone; who was meant is then told by the reply keyword.

    Raises `BadTarget` when the template leads nowhere, or where a link may not lead.
    """
    check(template.target, service.targets)
    if route is not None and route.constant_links:
        code = _letters(hashlib.sha256(f"{template.key}\n{template.target}".encode()).digest())
        kept = store.add(connection, code, template.target, None, template.key, now, None)
    else:
        # Two occasions may come upon one code, though hardly ever: the second of them takes its next one.
        for attempt in range(4):
            told = f"link\n{occasion_id}\n{template.target}\n{attempt}".encode()
            code = _letters(hmac.digest(service.secret, told, "sha256"))
            if kept := store.add(connection, code, template.target, occasion_id, template.key, now, now + LASTS):
                break
    if not kept:
        raise BadTarget("no code is free for it")
    return f"{service.link_url}/r/{code}"


def check(target: str, domains: frozenset[str]) -> None:
    """Raises `BadTarget` unless it is https and leads to one of `domains` or below one, as every browser reads it."""
    if not target:
        raise BadTarget("target is empty; a template with {link} needs one")
    if not re.fullmatch(r"[!-~]+", target) or "\\" in target:
        raise BadTarget("target has a space, a backslash or a character that must be percent-encoded")
    try:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadTarget("target is not a URL") from None
    if parts.scheme != "https":
        raise BadTarget("target must begin with https://")
    if "@" in parts.netloc or port not in {None, 443} or not re.fullmatch(r"[a-z0-9.-]+", host):
        raise BadTarget("target must have a plain host, without a user name and a port")
    if not within(host, domains):
        raise BadTarget(f"target leads to {host[:60]}, which is not in LINK_DOMAINS")


def follow(service: Service, code: str, headers: Mapping[str, str], method: str = "GET") -> Followed:
    """Somebody opens a link. The visit is written down later by another thread, so that nobody waits for it. Never
    raises: without a database the links that were opened lately still lead on."""
    now = service.clock()
    visitor = Visitor.read(method, headers)
    if not CODE.fullmatch(code):
        return Followed(None, kind_of(visitor), "unknown")
    try:
        link = _known(service, code, now)
    except _Away:
        return Followed(None, kind_of(visitor), "away")
    if link is None:
        return Followed(None, kind_of(visitor), "unknown")
    kind = kind_of(visitor, link, now)
    over = (link.expires_at is not None and link.expires_at <= now) or not _allowed(link.target, service.targets)
    seen = Seen(code, now, "expired" if over else kind, "")
    noted = service.clicks.note(service.database, seen, visitor.agent)
    return Followed(None if over else link.target, kind, "over" if over else "", link.language, noted)


def _known(service: Service, code: str, now: datetime) -> Known | None:
    """From memory while it is fresh, and while the database is away. Raises `_Away`."""
    clicks, moment = service.clicks, time.monotonic()
    if held := clicks.remembered(code, moment, stale=clicks.resting(moment)):
        return held
    if clicks.resting(moment):
        raise _Away
    try:
        with patience(MAY_TAKE), service.database.begin() as connection:
            link = store.find(connection, code)
    except (SQLAlchemyError, TooSlow) as error:
        log.warning("link_not_looked_up", error=type(error).__name__)
        clicks.failed(time.monotonic())
        if held := clicks.remembered(code, moment, stale=True):
            return held
        raise _Away from error
    if link is not None:
        clicks.remember(link, moment, settled=link.occasion_id is None or handed_long_ago(link, now))
    return link


def _allowed(target: str, domains: frozenset[str]) -> bool:
    try:
        check(target, domains)
    except BadTarget:
        return False
    return True


def _letters(digest: bytes) -> str:
    number, found = int.from_bytes(digest), []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        found.append(LETTERS[place])
    return "".join(found)
