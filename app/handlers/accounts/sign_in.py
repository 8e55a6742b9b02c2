"""Signing in: name and password, then a code where there is a second factor. Every try is an audit row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.handlers.accounts import codes
from app.handlers.accounts.digests import digest, matches, outdated
from app.handlers.accounts.standing import Standing, standing_of
from app.handlers.accounts.tries import may_try, wrong
from app.handlers.demo_agents import DEMO_PASSWORD
from app.handlers.service import Service
from app.store import agents, audit
from app.store.agents import Agent


class NotSignedIn(Exception):
    """One answer for every reason: whoever tries learns neither which names exist nor how near they came."""


def with_password(service: Service, name: str, password: str, *, address: str = "") -> Standing:
    """The first step. With a second factor (`has_factor`) nobody is signed in yet: `with_code` is next.

    Raises `NotSignedIn`. The count of wrong tries commits before that.
    """
    with service.database.begin() as connection:
        found = agents.by_name(connection, name) if name.isprintable() else None
    kept = found.password if found else ""
    right = matches(kept, password) and not (password == DEMO_PASSWORD and service.gateway.name != "simulator")
    fresh = digest(password) if right and outdated(kept) else ""
    with service.database.begin() as connection:
        if found is None:
            # Without the name: what was typed there may be a password.
            detail = {"why": "unknown"}
            audit.add(connection, "", "session.refuse", "", service.clock(), detail=detail, address=address)
        else:
            # Read again: tries that ran at the same time may have locked it, and a changed password is no longer right.
            row = agents.by_id(connection, found.id, hold=True)
            if right and row.password == kept and may_try(service, row):
                if fresh:
                    agents.change(connection, row.id, password=fresh)
                if row.totp_since is None:
                    _enter(service, connection, row, address, "password")
                return standing_of(connection, row)
            wrong(service, connection, row, "password", address)
    raise NotSignedIn


def with_code(service: Service, agent_id: int, epoch: int, code: str, *, address: str = "") -> Standing:
    """The second step, for whom `with_password` answered with that id and epoch. Raises `NotSignedIn`."""
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent_id, hold=True)
        if row is None or row.epoch != epoch or row.totp_since is None:
            raise NotSignedIn
        if may_try(service, row) and take_code(service, connection, row, code):
            _enter(service, connection, row, address, "code")
            return standing_of(connection, row)
        wrong(service, connection, row, "code", address)
    raise NotSignedIn


def take_code(service: Service, connection: Connection, row: Any, code: str) -> bool:
    """True when it is a code of their second factor that was never taken before; from now on it was."""
    secret = codes.secret_of(service.secret, row.totp_nonce)
    step = codes.matching_step(secret, code, service.clock(), row.totp_step)
    if step is None:
        return False
    agents.change(connection, row.id, totp_step=step)
    return True


def end(service: Service, agent: Agent, *, address: str = "") -> None:
    """Ends every session of theirs: a cookie that somebody copied must be worth nothing after signing out."""
    with service.database.begin() as connection:
        agents.end_sessions(connection, agent.id)
        audit.add(connection, agent.name, "session.end", f"agent:{agent.id}", service.clock(), address=address)


def _enter(service: Service, connection: Connection, row: Any, address: str, step: str) -> None:
    now = service.clock()
    agents.change(connection, row.id, wrong=0, locked_until=None, signed_in_at=now)
    audit.add(connection, row.name, "session.begin", f"agent:{row.id}", now, detail={"by": step}, address=address)
