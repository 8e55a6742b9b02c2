"""The circuits of the gateways, one for all processes: rows beside the options, so that no Redis is needed to know."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.rules.circuit import Circuit
from app.store import locks, options


def known(connection: Connection, gateway: str) -> Circuit:
    """As it stands; a gateway of which nothing is written works."""
    row = options.one(connection, _name(gateway))
    if row is None:
        return Circuit()
    moments = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in ("changed", "next_trial")}
    return Circuit(open=row["open"], rests=row["rests"], reason=row["reason"], **moments)


def hold(connection: Connection, gateway: str) -> Circuit:
    """As `known`, and until the transaction ends nobody else changes it."""
    locks.one_at_a_time(connection, locks.CIRCUIT)
    return known(connection, gateway)


def keep(connection: Connection, gateway: str, circuit: Circuit, now: datetime) -> None:
    row: dict[str, Any] = asdict(circuit)
    row |= {name: row[name].isoformat() if row[name] else "" for name in ("changed", "next_trial")}
    options.write(connection, _name(gateway), row, "sender", now)


def _name(gateway: str) -> str:
    return f"gateway:{gateway}"
