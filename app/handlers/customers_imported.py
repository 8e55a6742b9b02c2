"""The bank's file of customers comes in: good rows are taken, and the same file twice changes nothing.

A column that the file does not have keeps what is known; an empty cell empties it. A customer whom the file no longer
names stays: a removal is a decision of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.handlers.customers_consent import SCOPES, entries
from app.handlers.customers_file import Fault, Row
from app.store import conversations, customers, ledger
from app.store.customers import Bound
from app.store.database import Database, is_passing

AT_ONCE = 1_000  # rows per transaction: some hundredths of a second in which other writers wait
TRIES = 4
T = TypeVar("T")
NOBODY = Bound({}, {})


@dataclass(slots=True)
class Outcome:
    """Counts. `rows`: all that were read, `bad` among them. `kept_refusals`: rows whose `yes` lifted no refusal."""

    rows: int = 0
    bad: int = 0
    warnings: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    bound: int = 0
    moved: int = 0
    granted: int = 0
    refused: int = 0
    kept_refusals: int = 0


@dataclass(frozen=True, slots=True)
class Ears:
    """Who wants to hear of an import while it runs: of each line not taken or not wholly, and of the line reached."""

    fault: Callable[[Fault], None]
    warning: Callable[[Fault], None]
    reached: Callable[[int], None]


def import_customers(
    database: Database,
    rows: Iterable[Row | Fault],
    *,
    file: str,
    clock: Callable[[], datetime],
    ears: Ears,
    trust_numbers: bool = False,
    language: str = "zh-CN",
) -> Outcome:
    """Takes all rows, a thousand to a transaction; `file` is the name that the consent ledger keeps as evidence.

    `trust_numbers` binds also numbers whose holder has said that we text the wrong person: only after somebody at the
    bank has spoken to the customer (A14). `language`: the bank's, for numbers that had no conversation yet. Raises
    `sqlalchemy.exc.DBAPIError` when the database fails for good; what was taken until then stays, and the same file
    again does the rest.
    """
    outcome = Outcome()
    with closing(_Seen()) as seen:
        for chunk in _chunks(rows):
            good: list[Row] = []
            for row in chunk:
                found = row if isinstance(row, Fault) else seen.fault(row)
                if isinstance(found, Fault):
                    outcome.bad += 1
                    ears.fault(found)
                elif isinstance(row, Row):
                    good.append(row)
            outcome.rows += len(chunk)
            if good:
                _take(database, good, file, language, clock(), ears, outcome, trust_numbers)
            ears.reached(chunk[-1].line)
    return outcome


def _take(
    database: Database,
    rows: list[Row],
    file: str,
    language: str,
    now: datetime,
    ears: Ears,
    outcome: Outcome,
    trust: bool,
) -> None:
    ids = [row.customer_id for row in rows]

    def consents() -> tuple[list[ledger.Entry], int, list[Row]]:
        """Before the bindings: if the process dies in between, the next run still sees who moves."""
        with database.begin() as connection:
            ledger.hold_back_others(connection)
            bound = customers.bindings(connection, ids)
            doubted = [row for row in rows if not trust and _doubted(row, bound)]
            unasked = {row.customer_id for row in doubted}
            trusted = [row for row in rows if row.customer_id not in unasked]
            phones = {row.phone for row in trusted} | {phone for row in trusted for phone in _left(row, bound)}
            known = ledger.standing(connection, phones, SCOPES)
            written = [entry for row in trusted for entry in entries(row, _left(row, bound), known, file)]
            ledger.record_all(connection, written, now)
        refused = {
            phone for (phone, scope), stands in known.items() if scope == SCOPES[0] and stands.verdict == "refused"
        }
        return written, sum(row.consent == "yes" and row.phone in refused for row in trusted), doubted

    def facts() -> tuple[int, int, int, int]:
        with database.begin() as connection:
            created, updated = _write(connection, rows)
            bound = customers.bindings(connection, ids)
            here = [row for row in rows if trust or not _doubted(row, bound)]
            ending = {bound[row.customer_id].live[phone]: phone for row in here for phone in _left(row, bound)}
            new = [
                (row.phone, row.customer_id) for row in here if row.phone not in bound.get(row.customer_id, NOBODY).live
            ]
            # After all that takes long: these customers' own texts wait until the transaction ends.
            conversations.lock_all(connection, ending.values(), language, now)
            customers.unbind(connection, ending, "import", now)
            customers.bind(connection, new, now)
        return created, updated, len(new), len(ending)

    written, kept, doubted = again(consents)
    created, updated, new, ended = again(facts)
    for row in doubted:
        outcome.warnings += 1
        ears.warning(Fault(row.line, "phone was not bound again: its holder has said that we text the wrong person"))
    outcome.granted += sum(entry.verdict == "granted" for entry in written)
    outcome.refused += sum(entry.verdict == "refused" for entry in written)
    outcome.kept_refusals += kept
    outcome.created += created
    outcome.updated += updated
    outcome.unchanged += len(rows) - created - updated
    outcome.bound += new
    outcome.moved += ended


def _write(connection: Connection, rows: Sequence[Row]) -> tuple[int, int]:
    columns = list(rows[0].facts)
    known = customers.known(connection, [row.customer_id for row in rows], columns)
    new = [row for row in rows if row.customer_id not in known]
    changed = [row for row in rows if row.customer_id in known and known[row.customer_id] != tuple(row.facts.values())]
    customers.add(connection, [_columns(row) for row in new])
    customers.change(connection, [_columns(row) for row in changed])
    return len(new), len(changed)


def _columns(row: Row) -> dict[str, Any]:
    return {"customer_id": row.customer_id, **row.facts}


def _doubted(row: Row, bound: Mapping[str, Bound]) -> bool:
    """The last that was heard of this number and this customer is that they do not belong together."""
    his = bound.get(row.customer_id, NOBODY)
    return row.phone not in his.live and his.ended.get(row.phone) == "wrong_person"


def _left(row: Row, bound: Mapping[str, Bound]) -> list[str]:
    return [phone for phone in bound.get(row.customer_id, NOBODY).live if phone != row.phone]


def _chunks(rows: Iterable[Row | Fault]) -> Iterator[list[Row | Fault]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, AT_ONCE)):
        yield chunk


def again(act: Callable[[], T]) -> T:
    """Nothing of a failed transaction stays, so a deadlock or a lock wait is met by doing it once more."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return act()
        except Exception as error:
            if not left or not is_passing(error):
                raise
    raise AssertionError("unreachable")


class _Seen:
    """The customers that a file has named so far. On disk, so that a file of any length costs the same memory."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=OFF")
        self._rows.execute("PRAGMA cache_size=-8000")
        self._rows.execute("CREATE TABLE seen (customer_id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._rows.execute("BEGIN")

    def fault(self, row: Row) -> Fault | None:
        """Two rows of one customer cannot both be right, and would change places with every import."""
        added = self._rows.execute("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING", (row.customer_id, row.line))
        if added.rowcount:
            return None
        (first,) = self._rows.execute("SELECT line FROM seen WHERE customer_id = ?", (row.customer_id,)).fetchone()
        return Fault(row.line, f"customer_id stands in line {first} already")

    def close(self) -> None:
        self._rows.close()
