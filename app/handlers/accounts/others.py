"""What is done to somebody's account by another: made, reset, unlocked, closed, opened again.

Each names its `actor` for the audit row: a person of the console, or `terminal:<login>`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.handlers import customers_cells
from app.handlers.accounts.digests import digest
from app.handlers.service import Service
from app.rules import passwords
from app.store import agents, audit, events
from app.store.tables.agents import ROLES

LONGEST_NAME = 50
LANGUAGES = frozenset(customers_cells.LANGUAGES)
MOST_OPEN = range(1, 51)
"""How many conversations somebody may be allowed to hold at once."""
NOBODY = frozenset({"clock", "bot", "system", "terminal", "agent", "team", "customer"})
"""Actors of audit rows who are no person, as `terminal:root` is none: nobody may act under such a name."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read as something else


class BadAccount(ValueError):
    """The account cannot be made or found; the sentence says why."""


def one_time_password() -> str:
    """Sixteen characters in groups of four, 79 bits: to be read out, and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def add(
    service: Service,
    name: str,
    role: str,
    *,
    actor: str,
    password: str = "",
    skills: Collection[str] = (),
    languages: Collection[str] = (),
    most_open: int = 4,
    address: str = "",
) -> str:
    """A new person. Without a password one is made, which must be changed at the first sign-in; gives the password.

    Raises `BadAccount`.
    """
    name = _good(name, role, languages, most_open)
    if password and (fault := passwords.fault(password, name)):
        raise BadAccount(f"the password is refused: {FAULTS[fault]}")
    given = password or one_time_password()
    kept = digest(given)
    try:
        with service.database.begin() as connection:
            now = service.clock()
            made = agents.add(
                connection,
                name,
                role,
                kept,
                now,
                must_change=not password,
                skills=",".join(sorted(skills)),
                languages=",".join(sorted(languages)),
                most_open=most_open,
            )
            audit.add(connection, actor, "agent.add", f"agent:{made}", now, detail={"role": role}, address=address)
            events.tell(connection, "agents", now)
    except IntegrityError:
        raise BadAccount(f"there is somebody called {name} already") from None
    service.wake("console")
    return given


def reset(service: Service, name: str, *, actor: str, address: str = "") -> str:
    """A new one-time password; the lock, the second factor and every session are gone. Raises `BadAccount`."""
    given = one_time_password()
    _change(service, name, "agent.reset", actor, address, **as_new(given))
    return given


def unlock(service: Service, name: str, *, actor: str, address: str = "") -> None:
    """Ends a lock after wrong tries; sessions and password stay. Raises `BadAccount`."""
    _change(service, name, "agent.unlock", actor, address, **UNLOCKED)


def disable(service: Service, name: str, *, actor: str, address: str = "") -> None:
    """They can sign in no more, and are signed out at once; what they did stays. Raises `BadAccount`."""
    _change(service, name, "agent.disable", actor, address, **closed(service))


def enable(service: Service, name: str, *, actor: str, address: str = "") -> None:
    """They can sign in again, with the password that they had. Raises `BadAccount`."""
    _change(service, name, "agent.enable", actor, address, **OPENED)


UNLOCKED: dict[str, Any] = {"wrong": 0, "locked_until": None}
OPENED: dict[str, Any] = {**UNLOCKED, "disabled_at": None}
STAY = frozenset({"agent.unlock", "agent.work", "agent.status"})
"""Deeds after which somebody's sessions go on. All others end them: no page keeps what it may show no longer."""


def as_new(password: str) -> dict[str, Any]:
    """Columns of somebody who signs in with a one-time password, as on the first day."""
    return {**UNLOCKED, "password": digest(password), "must_change": True, "totp_nonce": "", "totp_since": None}


def closed(service: Service) -> dict[str, Any]:
    """Columns of somebody who may not sign in from now on."""
    return {"disabled_at": service.clock(), "status": "away", "alive_until": None}


def apply(
    service: Service,
    connection: Connection,
    agent_id: int,
    action: str,
    actor: str,
    address: str,
    values: Mapping[str, Any],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Changes a person's row, whoever does it: with the end of their sessions, the audit row, and the event. The caller
    holds the row, and wakes `console` after the commit."""
    now = service.clock()
    if values:
        agents.change(connection, agent_id, **values)
    if action not in STAY:
        agents.end_sessions(connection, agent_id)
    audit.add(connection, actor, action, f"agent:{agent_id}", now, detail=detail, address=address)
    events.tell(connection, "agents", now)


def _change(service: Service, name: str, action: str, actor: str, address: str, **values: Any) -> None:
    with service.database.begin() as connection:
        apply(service, connection, _found(connection, name).id, action, actor, address, values)
    service.wake("console")


def _found(connection: Connection, name: str) -> Any:
    row = agents.by_name(connection, name, hold=True)
    if row is None:
        raise BadAccount(f"there is nobody called {name}")
    return row


def _good(name: str, role: str, languages: Collection[str], most_open: int) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadAccount(f"a name has 1 to {LONGEST_NAME} characters that can be printed")
    if ":" in name or name.lower() in NOBODY:
        raise BadAccount("that name stands for the service itself in the audit")
    if role not in ROLES:
        raise BadAccount(f"a role is one of {', '.join(ROLES)}")
    if unknown := set(languages) - LANGUAGES:
        raise BadAccount(f"{', '.join(sorted(unknown))}: languages are zh-CN and en")
    if most_open not in MOST_OPEN:
        raise BadAccount("the limit of open conversations is 1 to 50")
    return name


FAULTS = {
    "short": f"it has fewer than {passwords.LEAST} characters",
    "long": f"it has more than {passwords.MOST} characters",
    "name": "it is little more than the name",
    "common": "it is one of those that everybody tries first",
}
