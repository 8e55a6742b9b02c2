"""`huifu retention`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.commands.opening import opened
from app.commands.stops import Stop
from app.config import load_settings
from app.handlers.past_its_time import Busy, Hear, Line, drop_past
from app.rules.retention import Keeping, Kind
from app.wiring import clock_of

KINDS: tuple[Kind, ...] = ("texts", "consents", "audit")


@click.command("retention", short_help="Tell, and drop, what is past its time.")
@click.option("--drop/--dry-run", "drop", default=False, help="Drop it; without this, only tell what would go.")
@click.option("--json", "as_json", is_flag=True, help="Print the report for a script.")
def retention(drop: bool, as_json: bool) -> None:
    """Tell what is past its time by RETENTION_MONTHS, RETENTION_CONSENT_MONTHS and RETENTION_AUDIT_MONTHS; with --drop,
    drop it and write so into the audit.

    What is still open stays, and so does the last word of each number on consent: the report says how many, and why. On
    PostgreSQL whole months of texts go at once, at their end. Safe while the service runs; cut off, it goes on the next
    time.

    \b
    Example:
      huifu retention
      huifu retention --drop
      huifu retention --drop --json > dropped.json
    """
    keeping, now = load_settings().keeping, clock_of(load_settings())()
    with opened(load_settings()) as database, _shown(silent=as_json) as hear:
        try:
            lines = drop_past(database, keeping, now, drop=drop, actor="terminal", hear=hear)
        except Busy as error:
            raise Stop.saying(error) from None
    if as_json:
        click.echo(json.dumps(report(lines, keeping, now, drop=drop), ensure_ascii=False))
    else:
        show(lines, keeping, now, drop=drop)


def report(lines: Iterable[Line], keeping: Keeping, now: datetime, *, drop: bool) -> dict[str, Any]:
    """The report as JSON takes it; moments in ISO 8601, UTC."""
    return {
        "dropped": drop,
        "kept_since": {kind: keeping.cutoff(kind, now).isoformat() for kind in KINDS},
        "tables": [
            {
                "table": line.table,
                "partition": line.whole or None,
                "rows": line.found.rows,
                "first": line.found.first.isoformat() if line.found.first else None,
                "last": line.found.last.isoformat() if line.found.last else None,
                "stays": dict(line.found.stays),
            }
            for line in lines
        ],
    }


def show(lines: list[Line], keeping: Keeping, now: datetime, *, drop: bool) -> None:
    """The report for a person."""
    told = ", ".join(f"{kind} since {keeping.cutoff(kind, now):%Y-%m-%d}" for kind in KINDS)
    click.echo(f"Kept: {told}.")
    if not lines:
        click.echo("Nothing is past its time.")
        return
    table = Table("table", "gone" if drop else "would go", "from", "to", "stays, and why")
    for line in lines:
        table.add_row(
            f"{line.table} (whole: {line.whole})" if line.whole else line.table,
            f"{line.found.rows:,}",
            f"{line.found.first:%Y-%m-%d}" if line.found.first else "",
            f"{line.found.last:%Y-%m-%d}" if line.found.last else "",
            "\n".join(f"{rows:,}: {why}" for why, rows in line.found.stays.most_common()),
        )
    Console(highlight=False).print(table)
    if not drop:
        click.echo("Nothing was dropped; do it with: huifu retention --drop")


@contextmanager
def _shown(*, silent: bool) -> Iterator[Hear]:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=silent or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("looking")

        def hear(line: Line) -> None:
            progress.update(task, description=f"{line.whole or line.table}: {line.found.rows:,} rows")

        yield hear
