"""`huifu events import`."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click

from app.commands.opening import opened
from app.commands.rows import heard
from app.commands.stops import Stop
from app.config import load_settings
from app.handlers.care.events_file import import_events, read
from app.handlers.customers_file import NotReadable, survey
from app.wiring import clock_of


@click.group("events", short_help="What customers did elsewhere.")
def events() -> None:
    """What customers did elsewhere: pages seen, appointments missed, contracts signed.

    \b
    Example:
      huifu events import events.csv
    """


@events.command("import", short_help="Take events of customers from a CSV file.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True))
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script.")
def import_command(file: Path, as_json: bool) -> None:
    """Take events of customers from FILE: CSV, UTF-8, with a header, columns in any order.

    Needed columns: key, customer_id, kind and at (RFC 3339, with its zone). Every other column is a field of the kinds'
    details, such as product or amount; docs/links-and-events.md lists them. A bad row is told with its line and
    reason, and the good ones go in; the same file twice changes nothing. Ends with 1 when a row was bad.

    \b
    Example:
      huifu events import events.csv
      huifu events import --json events.csv > result.json
    """
    begun = time.monotonic()
    with opened(load_settings()) as database:
        try:
            lines = survey(file)
            with file.open(encoding="utf-8", errors="strict") as opened_file:
                header, rows = read(opened_file)
                with heard(file, header.unknown, lines, bar=not as_json) as told:
                    counts = import_events(
                        database,
                        rows,
                        file=file.name,
                        clock=clock_of(load_settings()),
                        fault=told.fault,
                        reached=told.reached,
                    )
        except NotReadable as error:
            raise Stop(str(error)) from None
    seconds = time.monotonic() - begun
    if as_json:
        result = {**asdict(counts), "unknown_columns": header.unknown, "seconds": round(seconds, 2)}
        listed = [asdict(fault) for fault in told.faults]
        click.echo(json.dumps({"file": file.name, **result, "faults": listed}, ensure_ascii=False))
    else:
        click.echo(
            f"{counts.taken:,} of {counts.rows:,} events taken in {seconds:.1f} s, {counts.known:,} were known, "
            f"{counts.bad:,} rows were not taken{': see above' if counts.bad else ''}."
        )
    if counts.bad:
        raise click.exceptions.Exit(1)
