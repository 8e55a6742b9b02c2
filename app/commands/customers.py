"""`huifu customers import`."""

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
from app.handlers.customers_file import NotReadable, read, survey
from app.handlers.customers_imported import Ears, Outcome, import_customers
from app.wiring import clock_of


@click.group("customers", short_help="The bank's customers.")
def customers() -> None:
    """The bank's customers.

    \b
    Example:
      huifu customers import customers.csv
    """


@customers.command("import", short_help="Take customers from a CSV file.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True))
@click.option("--trust-numbers", is_flag=True, help="Bind also numbers whose holder has said: wrong person.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script.")
def import_command(file: Path, trust_numbers: bool, as_json: bool) -> None:
    """Take customers, their numbers and their consent from FILE: CSV, UTF-8, with a header, columns in any order.

    Needed columns: phone (E.164, or 11 digits of mainland China) and customer_id. A bad row is told with its line and
    reason, and the good ones go in; the same file twice changes nothing. A column that is missing keeps what is known.
    marketing_consent=yes never lifts a refusal: only the customer can. Ends with 1 when a row was bad.

    \b
    Example:
      huifu customers import customers.csv
      huifu customers import --json customers.csv > result.json
    """
    begun = time.monotonic()
    settings = load_settings()
    with opened(settings) as database:
        try:
            lines = survey(file)
            with file.open(encoding="utf-8", errors="strict") as opened_file:
                header, rows = read(opened_file)
                with heard(file, header.unknown, lines, bar=not as_json) as told:
                    outcome = import_customers(
                        database,
                        rows,
                        file=file.name,
                        clock=clock_of(settings),
                        ears=Ears(told.fault, told.warning, told.reached),
                        trust_numbers=trust_numbers,
                        language=settings.default_language,
                    )
        except NotReadable as error:
            raise Stop(str(error)) from None
    seconds = time.monotonic() - begun
    if as_json:
        result = {**asdict(outcome), "unknown_columns": header.unknown, "seconds": round(seconds, 2)}
        listed = {
            "faults": [asdict(fault) for fault in told.faults],
            "warned": [asdict(fault) for fault in told.warnings],
        }
        click.echo(json.dumps({"file": file.name, **result, **listed}, ensure_ascii=False))
    else:
        click.echo(summary(outcome, seconds))
    if outcome.bad:
        raise click.exceptions.Exit(1)


def summary(outcome: Outcome, seconds: float) -> str:
    """Two or three lines for a person."""
    taken = outcome.rows - outcome.bad
    lines = [
        f"{taken:,} of {outcome.rows:,} rows taken in {seconds:.1f} s: {outcome.created:,} new, "
        f"{outcome.updated:,} changed, {outcome.unchanged:,} as before.",
        f"{outcome.bound:,} numbers bound, {outcome.moved:,} left; consent: {outcome.granted:,} granted, "
        f"{outcome.refused:,} refused, {outcome.kept_refusals:,} refusals kept against a yes of the file.",
    ]
    if outcome.bad or outcome.warnings:
        lines.append(f"{outcome.bad:,} rows were not taken, {outcome.warnings:,} only in part: see above.")
    return "\n".join(lines)
