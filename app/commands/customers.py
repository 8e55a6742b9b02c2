"""`huifu customers import`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from app.commands.opening import opened
from app.commands.stops import Stop
from app.config import load_settings
from app.handlers.customers_file import Fault, NotReadable, read, survey
from app.handlers.customers_imported import Ears, Outcome, import_customers

MOST_LISTED = 1_000
"""Faults in the JSON result; each is also printed when it is found."""


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
    faults: list[Fault] = []
    warnings: list[Fault] = []
    with opened(load_settings()) as database:
        try:
            lines = survey(file)
            with file.open(encoding="utf-8", errors="strict") as opened_file:
                header, rows = read(opened_file)
                if header.unknown:
                    told = ", ".join(name or "(without a name)" for name in header.unknown)
                    click.echo(f"{file.name}: columns that are not read: {told}", err=True)
                with _ears(file.name, lines, faults, warnings, bar=not as_json) as ears:
                    outcome = import_customers(
                        database,
                        rows,
                        file=file.name,
                        clock=lambda: datetime.now(UTC),
                        ears=ears,
                        trust_numbers=trust_numbers,
                    )
        except NotReadable as error:
            raise Stop(str(error)) from None
    seconds = time.monotonic() - begun
    if as_json:
        result = {**asdict(outcome), "unknown_columns": header.unknown, "seconds": round(seconds, 2)}
        listed = {"faults": [asdict(fault) for fault in faults], "warned": [asdict(fault) for fault in warnings]}
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


@contextmanager
def _ears(name: str, lines: int, faults: list[Fault], warnings: list[Fault], *, bar: bool) -> Iterator[Ears]:
    console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    shown = bar and sys.stderr.isatty()
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not shown, transient=True) as progress:
        task = progress.add_task("rows", total=lines)

        def hear(kept: list[Fault], word: str, fault: Fault) -> None:
            if len(kept) < MOST_LISTED:
                kept.append(fault)
            console.print(f"{name}:{fault.line}: {word}{fault.reason}")

        yield Ears(
            fault=lambda fault: hear(faults, "", fault),
            warning=lambda fault: hear(warnings, "warning: ", fault),
            # Drawn at each batch: on a busy machine the timer of the bar may not run in between.
            reached=lambda line: progress.update(task, completed=line, refresh=shown),
        )
