"""Events of customers as a CSV file: a line becomes an event or a fault, good ones go in, and the same file twice
changes nothing (B2).

Columns, in any order: key, customer_id, kind, at, and the fields of the kinds' details; an empty cell is no field.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from app.care.event_kinds import kinds
from app.handlers.care.events import Given, keep
from app.handlers.customers_file import Fault, NotReadable, split_cells
from app.handlers.customers_imported import again
from app.store.database import Database

NEEDED = ("key", "customer_id", "kind", "at")
AT_ONCE = 1_000
"""Events in a transaction."""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    event: Given


@dataclass(frozen=True, slots=True)
class Header:
    """`columns` in the order of the file, lower case; `unknown`: those that are not read."""

    columns: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(slots=True)
class Counts:
    """`rows`: all that were read. `bad`: neither taken nor known."""

    rows: int = 0
    taken: int = 0
    known: int = 0
    bad: int = 0


def read(lines: Iterable[str]) -> tuple[Header, Iterator[Row | Fault]]:
    """The header, and an iterator over all rows and faults. Raises `NotReadable` for an empty or headless file."""
    numbered = enumerate(lines, 1)
    for _, line in numbered:
        if told := line.strip().removeprefix("\ufeff"):
            header = _header(told)
            return header, _rows(header, numbered)
    raise NotReadable("The file is empty.")


def import_events(
    database: Database,
    rows: Iterable[Row | Fault],
    *,
    file: str,
    clock: Callable[[], datetime],
    fault: Callable[[Fault], None],
    reached: Callable[[int], None],
) -> Counts:
    """Keeps the good ones, a thousand to a transaction; `file` is kept as their source. `fault` hears of each line that
    was not taken, `reached` of the line reached.

    Raises `sqlalchemy.exc.DBAPIError` when the database fails for good: the same file again does the rest.
    """
    counts, remaining = Counts(), iter(rows)
    while chunk := list(islice(remaining, AT_ONCE)):
        good = [row for row in chunk if isinstance(row, Row)]
        taken = again(partial(keep, database, f"file {file}", [row.event for row in good], clock()))
        faults = [row for row in chunk if isinstance(row, Fault)]
        for row, outcome in zip(good, taken.outcomes, strict=True):
            if not outcome.kept:
                faults.append(Fault(row.line, " ".join(outcome.reasons)))
        for one in sorted(faults, key=lambda one: one.line):
            fault(one)
        counts.rows += len(chunk)
        counts.bad += len(faults)
        counts.taken += taken.count("taken")
        counts.known += taken.count("known")
        reached(chunk[-1].line)
    return counts


def _header(line: str) -> Header:
    try:
        columns = tuple(cell.strip().lower() for cell in next(csv.reader([line], strict=True), []))
    except csv.Error as error:
        raise NotReadable(f"The header cannot be read: {error}.") from None
    if missing := [name for name in NEEDED if name not in columns]:
        hint = "; cells are separated by commas" if len(columns) < 2 else ""
        raise NotReadable(f"The header has no column {' and no column '.join(missing)}{hint}.")
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise NotReadable(f"The header has the column {twice[0] or '(without a name)'} twice.")
    known = set(NEEDED) | {field for kind in kinds().values() for field in kind.detail}
    return Header(columns, tuple(name for name in columns if name not in known))


def _rows(header: Header, numbered: Iterator[tuple[int, str]]) -> Iterator[Row | Fault]:
    fields = [name for name in header.columns if name not in NEEDED and name not in header.unknown]
    for number, line in numbered:
        stripped = line.strip()
        if not stripped.strip(","):
            continue
        try:
            given = dict(zip(header.columns, map(str.strip, split_cells(stripped, len(header.columns))), strict=True))
        except ValueError as error:
            yield Fault(number, str(error))
            continue
        kind = kinds().get(given["kind"])
        whole = {name for name, form in kind.detail.items() if form.whole} if kind else set()
        detail = {name: _whole(given[name]) if name in whole else given[name] for name in fields if given[name]}
        yield Row(number, Given(given["key"], given["customer_id"], given["kind"], given["at"], detail))


def _whole(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else cell
