"""Somebody looks for a customer, within the rights of their role. Every search is an audit row; its words are not."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from app.handlers.service import Service
from app.handlers.talk_read import OWN
from app.store import audit, search
from app.store.agents import Agent
from app.store.search import Person, Spoken

Kind = Literal["number", "customer", "words"]

BACK = timedelta(days=90)
"""Words are looked for in texts of this time."""
STRETCH, STRETCHES = 20_000, 5
"""Texts in one statement, and statements in one search, for each direction: a third of a second in all."""
MOST = 50
"""People in one answer."""
SHORTEST = 2  # characters of a word


class TooShort(ValueError):
    """What was asked for would find nearly everybody."""


@dataclass(frozen=True, slots=True)
class Query:
    """`words` has one entry for `number` (digits) and `customer` (the id)."""

    kind: Kind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """`more`: there are more people than shown. `own`: only the agent's own customers were looked at. For words,
    `looked` texts back to `oldest`, and `below` says from where to go on: ids by table, empty at the end."""

    query: Query
    people: tuple[Person, ...]
    more: bool
    own: bool
    oldest: datetime | None = None
    looked: int = 0
    below: dict[str, int] | None = None


def read_query(typed: str) -> Query:
    """Digits are the end of a number, `"quoted"` or anything with a space or a character that no id has is words;
    what is left may be a customer id. Raises `TooShort`."""
    typed = typed.strip()
    quoted = re.fullmatch(r"[\"“”「](.*)[\"“”」]", typed, re.DOTALL)
    digits = re.sub(r"[\s()+\-…]", "", typed)
    if quoted is None and digits.isascii() and digits.isdigit():
        if len(digits) < search.TAIL:
            raise TooShort("digits")
        return Query("number", (digits,))
    if quoted is None and re.fullmatch(r"[A-Za-z0-9_.:-]{2,64}", typed):
        return Query("customer", (typed,))
    words = tuple((quoted[1] if quoted else typed).split())
    if not words or max(len(word) for word in words) < SHORTEST:
        raise TooShort("words")
    return Query("words", words)


def look(
    service: Service, agent: Agent, query: Query, *, below: dict[str, int] | None = None, address: str = ""
) -> Found:
    """What this person may find. An id that nobody has is looked for as a word. `below` as a `Found` gave it."""
    own = agent.role == "agent"
    now = service.clock()
    with service.database.begin() as connection:
        mine = search.of_agent(connection, agent.name, now - OWN) if own else frozenset()
        phones = _phones(connection, query)
    if query.kind == "customer" and not phones:
        query = Query("words", query.words)
    if query.kind == "words":
        return _words(service, agent, query, mine, below, address)
    found = [phone for phone in phones if not own or phone in mine]
    return _told(service, agent, query, found, (), address)


def _phones(connection: Connection, query: Query) -> list[str]:
    if query.kind == "words":
        return []
    ids = search.of_customer(connection, query.words[0])
    return ids if query.kind == "customer" else sorted({*ids, *search.ending_in(connection, query.words[0], 500)})


def _words(
    service: Service, agent: Agent, query: Query, mine: frozenset[str], below: dict[str, int] | None, address: str
) -> Found:
    since = service.clock() - BACK
    if agent.role == "agent":
        with service.database.begin() as connection:
            spoken = search.spoken_by(connection, sorted(mine), query.words, since, MOST * 4)
        return _told(service, agent, query, _phones_of(spoken), spoken, address, oldest=since)
    spoken, looked, oldest, rest = [], 0, None, dict(below or dict.fromkeys(search.TEXTS))
    for name in list(rest):
        for _ in range(STRETCHES):
            # A transaction each: on SQLite one that scans would keep every writer waiting.
            with service.database.begin() as connection:
                part = search.stretch(connection, name, query.words, since, rest[name], STRETCH, MOST)
            spoken.extend(part.found)
            looked += part.looked
            oldest = min(filter(None, (oldest, part.oldest)), default=None)
            rest[name] = part.below
            if not part.below or len(_phones_of(spoken)) >= MOST:
                break
    spoken.sort(key=lambda one: one.at, reverse=True)
    left = {name: below for name, below in rest.items() if below}
    return _told(service, agent, query, _phones_of(spoken), spoken, address, oldest=oldest, looked=looked, below=left)


def _phones_of(spoken: Sequence[Spoken]) -> list[str]:
    return list(dict.fromkeys(one.phone for one in spoken))


def _told(
    service: Service,
    agent: Agent,
    query: Query,
    phones: Sequence[str],
    spoken: Sequence[Spoken],
    address: str,
    *,
    oldest: datetime | None = None,
    looked: int = 0,
    below: dict[str, int] | None = None,
) -> Found:
    with service.database.begin() as connection:
        people = search.people(connection, phones, spoken)
        # Keyed: the digest of four digits alone could be looked up in a list of ten thousand.
        digest = hmac.new(service.secret, " ".join(query.words).encode(), hashlib.sha256).hexdigest()[:32]
        detail = {"kind": query.kind, "query": digest, "found": len(people)}
        audit.add(
            connection,
            agent.name,
            "search.look",
            f"search:{query.kind}",
            service.clock(),
            detail=detail,
            address=address,
        )
    return Found(
        query,
        tuple(people[:MOST]),
        more=len(people) > MOST,
        own=agent.role == "agent",
        oldest=oldest,
        looked=looked,
        below=below,
    )
