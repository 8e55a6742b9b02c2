"""Signing in: name and password, then a code where there is a second factor. Wrong tries lock the account.

Every try is an audit row. Names that nobody has leave none: what was typed there may be a password.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.handlers.accounts import codes
from app.handlers.accounts.digests import digest, matches, outdated
from app.handlers.accounts.standing import Standing, standing_of
from app.handlers.service import Service
from app.store import agents, audit
from app.store.agents import Agent

TRIES = 5
LOCKED = timedelta(minutes=15)


class NotSignedIn(Exception):
    """One answer for every reason: whoever tries learns neither which names exist nor how near they came."""


def with_password(service: Service, name: str, password: str, *, address: str = "") -> Standing:
    """The first step. With a second factor (`has_factor`) nobody is signed in yet: `with_code` is next.

    Raises `NotSignedIn`. The count of wrong tries commits before that.
    """
    with service.database.begin() as connection:
        found = agents.by_name(connection, name)
    right = matches(found.password if found else "", password)
    if found is None:
        raise NotSignedIn
    fresh = digest(password) if right and outdated(found.password) else ""
    with service.database.begin() as connection:
        row = agents.by_id(connection, found.id, hold=True)
        # Read again: tries that ran at the same time may have locked it, and a password that was changed is no longer.
        if right and row.password == found.password and _may_enter(service, row):
            if fresh:
                agents.change(connection, row.id, password=fresh)
            if row.totp_since is None:
                _enter(service, connection, row, address, "password")
            return standing_of(connection, row)
        _refuse(service, connection, row, address, "password")
    raise NotSignedIn


def with_code(service: Service, agent_id: int, epoch: int, code: str, *, address: str = "") -> Standing:
    """The second step, for whom `with_password` answered with that id and epoch. Raises `NotSignedIn`."""
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent_id, hold=True)
        if row is None or row.epoch != epoch or row.totp_since is None:
            raise NotSignedIn
        secret = codes.secret_of(service.secret, row.totp_nonce)
        step = codes.matching_step(secret, code, service.clock(), row.totp_step)
        if step is not None and _may_enter(service, row):
            agents.change(connection, row.id, totp_step=step)
            _enter(service, connection, row, address, "code")
            return standing_of(connection, row)
        _refuse(service, connection, row, address, "code")
    raise NotSignedIn


def end(service: Service, agent: Agent, *, address: str = "") -> None:
    """Ends every session of theirs: a cookie that somebody copied must be worth nothing after signing out."""
    with service.database.begin() as connection:
        agents.end_sessions(connection, agent.id)
        audit.add(connection, agent.name, "session.end", f"agent:{agent.id}", service.clock(), address=address)


def _may_enter(service: Service, row: Any) -> bool:
    return row.disabled_at is None and (row.locked_until is None or row.locked_until <= service.clock())


def _enter(service: Service, connection: Connection, row: Any, address: str, step: str) -> None:
    now = service.clock()
    agents.change(connection, row.id, wrong=0, locked_until=None, signed_in_at=now)
    audit.add(connection, row.name, "session.begin", f"agent:{row.id}", now, detail={"by": step}, address=address)


def _refuse(service: Service, connection: Connection, row: Any, address: str, step: str) -> None:
    now, subject = service.clock(), f"agent:{row.id}"
    why = step if _may_enter(service, row) else "disabled" if row.disabled_at else "locked"
    audit.add(connection, row.name, "session.refuse", subject, now, detail={"why": why}, address=address)
    if why != step:
        return  # a lock that is tried at is not prolonged: the person it belongs to could be kept out for ever
    wrong = (0 if row.locked_until else row.wrong) + 1  # a lock that is over: counted from the beginning
    if wrong < TRIES:
        agents.change(connection, row.id, wrong=wrong, locked_until=None)
        return
    agents.change(connection, row.id, wrong=wrong, locked_until=now + LOCKED)
    audit.add(connection, row.name, "session.lock", subject, now, detail={"tries": wrong}, address=address)
