"""What people change about their own account: password and second factor. Either ends every other session of theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.handlers.accounts import codes
from app.handlers.accounts.digests import digest, matches
from app.handlers.accounts.sign_in import take_code
from app.handlers.accounts.standing import Standing, standing_of
from app.handlers.accounts.tries import may_try, wrong
from app.handlers.service import Service
from app.rules import passwords
from app.store import agents, audit
from app.store.agents import Agent


class WrongPassword(Exception):
    """The present password was not right, or the account is locked."""


class WrongCode(Exception):
    """The code is none of this factor's, was taken before, or the account is locked."""


class BadPassword(ValueError):
    """`fault`: short · long · name · common (`rules/passwords.py`), or same as before."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def change_password(service: Service, agent: Agent, old: str, new: str, *, address: str = "") -> Standing:
    """The standing that this session goes on with. Raises `WrongPassword`, which counts as a wrong try, and
    `BadPassword`."""
    fault = passwords.fault(new, agent.name) or ("same" if old == new else None)
    with service.database.begin() as connection:
        kept = agents.by_id(connection, agent.id).password
    right = matches(kept, old)
    fresh = digest(new) if right and not fault else ""
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent.id, hold=True)
        if right and row.password == kept and may_try(service, row):
            if fault:
                raise BadPassword(fault)
            agents.change(connection, row.id, password=fresh, must_change=False, wrong=0, locked_until=None)
            return _renewed(service, connection, row, "account.password", address)
        wrong(service, connection, row, "password", address)
    raise WrongPassword


def prove_factor(service: Service, agent: Agent, nonce: str, code: str, *, address: str = "") -> Standing:
    """Takes the second factor of `nonce` into use, once a code shows that the phone has it. Raises `WrongCode`."""
    step = codes.matching_step(codes.secret_of(service.secret, nonce), code, service.clock(), 0)
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent.id, hold=True)
        if step is None or row.totp_since is not None:
            raise WrongCode
        agents.change(connection, row.id, totp_nonce=nonce, totp_step=step, totp_since=service.clock())
        return _renewed(service, connection, row, "account.factor", address)


def drop_factor(service: Service, agent: Agent, code: str, *, address: str = "") -> Standing:
    """Takes the second factor away, so that another can be set up. Raises `WrongCode`, which counts as a wrong try."""
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent.id, hold=True)
        if row.totp_since is not None and may_try(service, row) and take_code(service, connection, row, code):
            agents.change(connection, row.id, totp_nonce="", totp_since=None, wrong=0)
            return _renewed(service, connection, row, "account.factor_dropped", address)
        wrong(service, connection, row, "code", address)
    raise WrongCode


def end_others(service: Service, agent: Agent, *, address: str = "") -> Standing:
    """Ends every session; the standing is what this one goes on with."""
    with service.database.begin() as connection:
        row = agents.by_id(connection, agent.id, hold=True)
        return _renewed(service, connection, row, "session.end_others", address)


def _renewed(service: Service, connection: Connection, row: Any, action: str, address: str) -> Standing:
    agents.end_sessions(connection, row.id)
    audit.add(connection, row.name, action, f"agent:{row.id}", service.clock(), address=address)
    return standing_of(connection, agents.by_id(connection, row.id))
