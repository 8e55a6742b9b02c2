"""Demo customers for a first try: each is in a situation that the bot has an answer for, today and in a year.

`app/demo/customers.csv` has the format of an import, with additions: a column `situation`, days counted from today
(`+7d`, `-12d`), and birthdays that are today (`1996-today`, of leap years). `app/demo/events.csv` has what they did
elsewhere. All names are invented; no operator has been given the numbers that begin with 154.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

_FROM_TODAY = re.compile(r"([+-][0-9]{1,5})d(?: ([0-9:]{5}))?")
_IS_TODAY = re.compile(r"([0-9]{4})-today")


@dataclass(frozen=True, slots=True)
class Demo:
    """`lines` of a file as `customers_file.read` takes them; `cast`: (mobile number, situation), in order."""

    lines: tuple[str, ...]
    cast: tuple[tuple[str, str], ...]


def demo_customers(today: date) -> Demo:
    header, *rows = _table("customers.csv")
    place, phone = header.index("situation"), header.index("phone")
    dated = [[_dated(cell, today) for cell in row] for row in rows]
    written = io.StringIO()
    csv.writer(written).writerows(row[:place] + row[place + 1 :] for row in (header, *dated))
    return Demo(
        lines=tuple(written.getvalue().splitlines()),
        cast=tuple((row[phone], row[place]) for row in rows),
    )


def demo_events(today: date, zone: ZoneInfo) -> tuple[str, ...]:
    """Lines as `care.events_file.read` takes them; on the same day they are the same events."""
    header, *rows = _table("events.csv")
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(("key", *header))
    for number, row in enumerate(rows, 1):
        table.writerow((f"demo-{today}-{number}", *(_dated(cell, today, zone) for cell in row)))
    return tuple(written.getvalue().splitlines())


def _table(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((files("app") / "demo" / name).read_text(encoding="utf-8"))))


def _dated(cell: str, today: date, zone: ZoneInfo | None = None) -> str:
    """The cell, with a day or a moment instead of days from today."""
    if born := _IS_TODAY.fullmatch(cell):
        return today.replace(year=int(born[1])).isoformat()
    found = _FROM_TODAY.fullmatch(cell)
    if found is None:
        return cell
    day = today + timedelta(days=int(found[1]))
    return datetime.combine(day, time.fromisoformat(found[2]), zone).isoformat() if found[2] else day.isoformat()
