"""Demo customers for a first try: each is in a situation that the bot has an answer for, today and in a year.

`app/demo/customers.csv` has the format of an import, with two additions: a column `situation`, and days counted from
today (`+7d`, `-12d`). All names are invented; no operator has been given the numbers that begin with 154.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

_FROM_TODAY = re.compile(r"[+-][0-9]{1,5}d")


@dataclass(frozen=True, slots=True)
class Demo:
    """`lines` of a file as `customers_file.read` takes them; `cast`: (mobile number, situation), in order."""

    lines: tuple[str, ...]
    cast: tuple[tuple[str, str], ...]


def demo_customers(today: date) -> Demo:
    header, *rows = csv.reader(io.StringIO((files("app") / "demo" / "customers.csv").read_text(encoding="utf-8")))
    place, phone = header.index("situation"), header.index("phone")
    dated = [[_dated(cell, today) for cell in row] for row in rows]
    written = io.StringIO()
    csv.writer(written).writerows(row[:place] + row[place + 1 :] for row in (header, *dated))
    return Demo(
        lines=tuple(written.getvalue().splitlines()),
        cast=tuple((row[phone], row[place]) for row in rows),
    )


def _dated(cell: str, today: date) -> str:
    if not _FROM_TODAY.fullmatch(cell):
        return cell
    return (today + timedelta(days=int(cell.removesuffix("d")))).isoformat()
