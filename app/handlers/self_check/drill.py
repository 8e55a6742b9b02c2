"""The refusal drill: a number that nobody can have refuses, in many spellings and situations, on the real path.

It goes through the same functions and statements as a customer's text, on the real database, in a transaction that is
rolled back: no text leaves, no row stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import structlog

from app.flows.vocabulary import Claimed
from app.gateways.port import InboundText
from app.handlers.compose import written
from app.handlers.self_check.finding import Finding, Problem
from app.handlers.service import Service, nobody_to_wake
from app.handlers.text_arrived import receive
from app.handlers.turns import take
from app.store import consents, conversations, drills, outbox
from app.store.database import Database, is_passing
from app.store.rehearsal import rehearsal

log = structlog.get_logger()

NUMBER = "+99900000001"
"""+999 is given to no country (ITU E.164): no handset can have it."""
SPELLINGS = (
    *(
        "TD",
        "td",
        "ＴＤ",
        "T D",
        "回复TD",
        "“TD”",
        "Td。",
        "退订",
        "退訂",
        "拒收",
        "取消订阅",
        "请退订短信",
        "别再给我发短信了",
    ),
    *("STOP", "stop.", "Unsubscribe", "opt out", "please stop texting me"),
)
SITUATIONS = ("alone", "in a flow", "with an agent")
LANE = (2, 2)
LONG_AGO = timedelta(days=3650)
"""The drill's offer is the first that is due, so that its claim takes nobody else's."""


def drill(service: Service) -> Finding:
    """Every spelling in every situation. Raises what the database raises while it cannot be asked."""
    problems: list[Problem] = []
    for situation in SITUATIONS:
        for spelling in SPELLINGS:
            told = f"{spelling} ({situation})"
            try:
                with rehearsal(service.database) as database:
                    problems += [Problem(code, told) for code in _once(_apart(service, database), spelling, situation)]
            except Exception as error:
                if is_passing(error):
                    raise  # a database that restarts says nothing of refusals: the check is done later
                # The other spellings are tried all the same: a report that breaks off tells nobody what works.
                log.error("drill_failed", situation=situation, error=type(error).__name__, exc_info=True)
                problems.append(Problem("turn_failed", told))
    return Finding("opt_out", len(SITUATIONS) * len(SPELLINGS), tuple(problems))


def _apart(service: Service, database: Database) -> Service:
    """The service on the rehearsal's database: nobody is woken for what nobody will find."""
    return replace(service, database=database, wake=nobody_to_wake, own_numbers=frozenset())


def _once(service: Service, spelling: str, situation: str) -> Iterator[str]:
    _begin(service, situation)
    waiting = _offer(service)
    if _say(service, spelling) != "taken":
        yield "turn_failed"
    with service.database.begin() as connection:
        if consents.verdict(connection, NUMBER, "commercial") != "refused":
            yield "not_kept"
        if drills.state(connection, waiting) != "withdrawn":
            yield "not_withdrawn"
        answers = drills.answers(connection, NUMBER, waiting)
    if answers != 1:
        yield "not_confirmed"
    _say(service, spelling)
    later = _offer(service)
    with service.database.begin() as connection:
        if drills.answers(connection, NUMBER, waiting) > answers:
            yield "answered_again"
        now = service.clock()
        outbox.claim(connection, now, now + timedelta(minutes=1), 1, LANE, gateway=service.gateway.name)
        if drills.state(connection, later) != "withheld":
            yield "offer_left"


def _begin(service: Service, situation: str) -> None:
    if situation == "alone":
        return
    _say(service, "怎么还钱")
    if situation == "with an agent":
        with service.database.begin() as connection:
            held = conversations.hold(connection, NUMBER, service.language, service.clock())
            take(service, connection, held, Claimed("agent:drill"))


def _say(service: Service, words: str) -> str:
    name = f"drill-{secrets.token_hex(8)}"
    recipient = next(iter(service.own_numbers), "drill")
    return receive(service, InboundText(name, NUMBER, recipient, words, raw={"Body": [words]}))


def _offer(service: Service) -> int:
    """An offer to the number, in the outbox as a programme queues it, and due before any other."""
    now = service.clock()
    new = written(service, phone=NUMBER, purpose="commercial", template="drill", words="拒收请回复TD", now=now)
    new = replace(new, due_at=now - LONG_AGO, expires_at=now + timedelta(hours=1))
    with service.database.begin() as connection:
        conversations.hold(connection, NUMBER, service.language, now)
        return outbox.queue(connection, new, now)
