"""How sending goes: which gateway rests and why, whether bulk goes on, and how much more a campaign may queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from app.handlers.service import Service
from app.rules.circuit import Circuit
from app.rules.pressure import SECONDS_BEHIND, Rest, why_bulk_rests
from app.store import circuits, outbox

WHY: dict[Rest, str] = {
    "answers_behind": "offers and reminders wait: answers are behind",
    "gateway_rests": "offers and reminders wait: the gateway rests",
    "outbox_full": "campaigns queue nothing more: the outbox is as long as OUTBOX_HOURS allows",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """`gateways`: the circuit of each by name, the main one first. `bulk`: why offers and reminders wait, if they do.
    `waiting`: parts that are queued; `room`: those that may be queued beside them, None without a limit."""

    gateways: dict[str, Circuit]
    bulk: Rest
    waiting: int
    room: int | None


def sending(service: Service) -> Sending:
    now = service.clock()
    names = [gateway.name for gateway in (service.gateway, service.standby) if gateway is not None]
    with service.database.begin() as connection:
        known = {name: circuits.known(connection, name) for name in names}
        due, late = outbox.backlog(connection, now, now - timedelta(seconds=SECONDS_BEHIND))
        waiting = outbox.parts_queued(connection)
    capacity = service.capacity
    rests = known[service.gateway.name].open
    bulk = why_bulk_rests(capacity, due=due, late=late, waiting=waiting, gateway_rests=rests)
    return Sending(known, bulk, waiting, capacity.room(waiting))


def room(service: Service, connection: Connection) -> int | None:
    """How many parts a campaign may queue now: as many as the sender carries in its hours, less what waits. None when
    there is no send rate, and with it no limit. Asked in the transaction that queues them."""
    return service.capacity.room(outbox.parts_queued(connection))


def notes(service: Service) -> list[str]:
    """What goes worse than it should while the service works, a sentence each."""
    found = sending(service)
    said = [_rests(name, circuit, service) for name, circuit in found.gateways.items() if circuit.open]
    return said + ([WHY[found.bulk]] if found.bulk else [])


def _rests(name: str, circuit: Circuit, service: Service) -> str:
    since = f"{circuit.changed:%Y-%m-%d %H:%M:%S} UTC" if circuit.changed else "its last failure"
    said = f"the gateway {name} rests since {since} ({circuit.reason}) and is tried now and then"
    if name == service.gateway.name and service.standby is not None:
        said += f"; {service.standby.name} carries {', '.join(sorted(service.carried))}"
    return said
