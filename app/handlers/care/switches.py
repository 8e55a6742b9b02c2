"""Programmes are switched on and off by people, or stop themselves; all that are shipped begin switched off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from app.care.programme import Programme
from app.care.programmes import shipped
from app.handlers.service import Service
from app.store import audit, leaving, locks, occasions, options, persons

NAME = "programme:"
"""Options that say of a programme whether it is on begin so."""
MOST, SHARE = 1_000, 10
"""A programme that is meant for more customers than that, or for more than one in so many, asks for the number."""


class UnknownProgramme(ValueError):
    """There is no programme of that name; `str()` names those that there are."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no programme {key!r}; there are {', '.join(sorted(shipped()))}")


class ConfirmNumber(Exception):
    """The programme is meant for `count` of `total` customers: whoever switches it on says so with that number."""

    def __init__(self, count: int, total: int) -> None:
        super().__init__(f"the programme is meant for {count:,} of {total:,} customers; confirm it with that number")
        self.count, self.total = count, total


class StoppedItself(Exception):
    """The programme was stopped because customers refused it: whoever switches it on again says why."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} stopped itself because customers refused it; say why it may go on")


@dataclass(frozen=True, slots=True)
class State:
    """`stopped`: why it is off when nobody switched it off: `refusals`. `by` and `at` are empty while nobody ever
    touched it. `told`: what `switch` was told; the evidence, when it stopped itself."""

    on: bool = False
    stopped: str = ""
    by: str = ""
    at: datetime | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


def active(connection: Connection) -> Mapping[str, Programme]:
    """The programmes that are on, by key. Whoever adds occasions or queues texts by it takes
    `locks.beside_others(connection, locks.PROGRAMMES)` first: none is switched off until the transaction ends."""
    found = options.some(connection, *(NAME + key for key in shipped()))
    return {key: programme for key, programme in shipped().items() if found.get(NAME + key, {}).get("on")}


def state(connection: Connection, key: str) -> State:
    """Of one programme. Raises `UnknownProgramme`."""
    return states(connection)[known(key).key]


def states(connection: Connection) -> Mapping[str, State]:
    """Of all programmes, by key, in their order."""
    found = {row.name: row for row in options.rows(connection, NAME)}
    told = {}
    for key in shipped():
        row = found.get(NAME + key)
        if row is None:
            told[key] = State()
        else:
            told[key] = State(row.value["on"], row.value["stopped"], row.set_by, row.set_at, row.value.get("told", {}))
    return told


def reach(service: Service, connection: Connection, programme: Programme) -> tuple[int, int]:
    """How many customers with a number it is meant for, whatever happens to them, and how many there are."""
    today = service.clock().astimezone(service.zone).date()
    return persons.meant(connection, programme.audience, today), persons.count(connection)


def switch(
    service: Service,
    agent_name: str,
    key: str,
    on: bool,
    *,
    expected: int | None = None,
    stopped: str = "",
    told: Mapping[str, object] = MappingProxyType({}),
) -> bool:
    """Switches a programme; False, and no rows, when it stood so already. Off means that nothing of it leaves any more:
    what is queued is withdrawn in the same transaction, what is planned is held in others behind it.

    `expected`: the number that `ConfirmNumber` told, typed by whoever switches it on. `stopped`: why it is switched off
    when no person does. `told`: what the audit keeps of it beside the numbers, such as `because`, which must be there
    to switch one on that stopped itself (`stops.resume`). Raises `UnknownProgramme`, `StoppedItself`, and
    `ConfirmNumber` when the programme is meant for many and `expected` is another number.
    """
    programme, now = known(key), service.clock()
    detail: dict[str, object] = {}
    if on:
        # A million customers are counted in seconds, for which nobody shall wait who plans or lets go.
        with service.database.reading() as connection:
            if _stands(connection, key, on, told):
                return False
            count, total = reach(service, connection, programme)
        if (count > MOST or count * SHARE > total) and expected != count:
            raise ConfirmNumber(count, total)
        detail = {"customers": count, "of": total}
    with service.database.begin() as connection:
        locks.one_at_a_time(connection, locks.PROGRAMMES)
        if _stands(connection, key, on, told):
            return False
        if not on:
            held, withdrawn = occasions.stop(connection, key, now)
            detail = {"held": held, "withdrawn": withdrawn} | ({"stopped": stopped} if stopped else {})
        options.write(
            connection, NAME + key, {"on": on, "stopped": "" if on else stopped, "told": dict(told)}, agent_name, now
        )
        did = "on" if on else "off"
        audit.add(connection, agent_name, f"programme.{did}", f"programme:{key}", now, detail={**detail, **told})
    while not on and _hold_some(service, key):
        pass
    service.wake("care")
    return True


def _stands(connection: Connection, key: str, on: bool, told: Mapping[str, object]) -> bool:
    """Whether it stands so already. Raises `StoppedItself`."""
    before = options.one(connection, NAME + key) or {}
    if bool(before.get("on")) == on:
        return True
    if on and before.get("stopped") and not told.get("because"):
        raise StoppedItself(key)
    return False


def _hold_some(service: Service, key: str) -> int:
    """A million rows take a minute, for which nobody else shall wait. Whoever dies on the way leaves rows that are held
    when they are due."""
    with service.database.begin() as connection:
        locks.beside_others(connection, locks.PROGRAMMES)
        return 0 if key in active(connection) else leaving.hold_stopped(connection, key)


def known(key: str) -> Programme:
    """The programme of that name. Raises `UnknownProgramme`."""
    programme = shipped().get(key)
    if programme is None:
        raise UnknownProgramme(key)
    return programme
