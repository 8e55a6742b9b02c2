"""The consent ledger of many numbers at a time, for the import of a file. For one number see `consents.py`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from app.store import tables
from app.store.consents import WITHDRAWS

ROW, MESSAGE = tables.Consent, tables.Message


class Entry(NamedTuple):
    """A row to be written. `evidence` begins with `customer:ID` when it is about what the bank's file says of one."""

    phone: str
    scope: str
    verdict: str
    source: str
    evidence: str


@dataclass(slots=True)
class Standing:
    """What holds for a number and scope. `told`: what the bank's file last said, by customer."""

    verdict: str = ""
    source: str = ""
    told: dict[str, str] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        self.verdict, self.source = entry.verdict, entry.source
        if entry.source == "import":
            self.told[entry.evidence.partition(" ")[0].removeprefix("customer:")] = entry.verdict


Ledger = dict[tuple[str, str], Standing]
"""By number and scope; what is not in it was never said."""


def hold_back_others(connection: Connection) -> None:
    """Until this transaction ends nobody else adds a row: a refusal that comes in between would be overwritten by a
    grant that was decided before it. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE consents IN SHARE ROW EXCLUSIVE MODE")


def standing(connection: Connection, phones: Collection[str], scopes: Sequence[str]) -> Ledger:
    rows = connection.execute(
        select(ROW.phone, ROW.scope, ROW.verdict, ROW.source, ROW.evidence)
        .where(ROW.phone.in_(phones), ROW.scope.in_(scopes))
        .order_by(ROW.id)
    )
    found: Ledger = {}
    for row in rows:
        entry = Entry(*row)
        found.setdefault((entry.phone, entry.scope), Standing()).take(entry)
    return found


def record_all(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Adds the rows in order. A refusal also withdraws what is queued for the number in its scope (law 5)."""
    if not entries:
        return
    connection.execute(insert(ROW), [{**entry._asdict(), "at": now} for entry in entries])
    for scope, purposes in WITHDRAWS.items():
        refused = {entry.phone for entry in entries if entry.scope == scope and entry.verdict == "refused"}
        if refused:
            connection.execute(
                update(MESSAGE)
                .where(MESSAGE.phone.in_(refused), MESSAGE.state == "queued", MESSAGE.purpose.in_(purposes))
                .values(state="withdrawn", reason=f"refused:{scope}")
            )
