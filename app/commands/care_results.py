"""`huifu care results`: what became of texts, at the terminal and for scripts."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from app.care.programmes import shipped
from app.care.tally import Counts
from app.care.trial import Share
from app.commands.opening import opened
from app.commands.stops import Misused
from app.config import load_settings
from app.handlers.care import results_file
from app.handlers.care.results import Line, Overview, Report, overview, period, report
from app.wiring import build_service

DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = ("followed", "replied", "converted", "annoyed")
HEADS = ("planned", "arrived", "followed", "replied", "converted", "annoyed")


@click.command("results", short_help="Tell what became of texts.")
@click.argument("key", required=False)
@click.option("--since", type=DAY, help="The first of the bank's days.  [default: four weeks before the last]")
@click.option("--until", type=DAY, help="The last of the bank's days.  [default: today]")
@click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV, with the intervals of all shares.")
def results(key: str | None, since: datetime | None, until: datetime | None, as_json: bool, as_csv: bool) -> None:
    """Tell what became of the texts of all programmes, or of one by hour, weekday, segment, language, arm and version.

    Shares are of what arrived; annoyed: refused or complained. A text belongs to the day of its slot. Every count, with
    the interval of its share, is in --csv.

    \b
    Example:
      huifu care results
      huifu care results birthday --since 2026-10-01 --until 2026-10-31
      huifu care results --csv > results.csv
    """
    if as_json and as_csv:
        raise Misused("Give --json or --csv, not both.")
    if key is not None and key not in shipped():
        raise Misused(f"There is no programme {key!r}; there are {', '.join(shipped())}.")
    settings = load_settings()
    with opened(settings):
        service = build_service(settings)
        try:
            try:
                asked = period(service, since.date() if since else None, until.date() if until else None)
            except ValueError as error:
                raise Misused(f"--{error}.") from None
            found = report(service, key, asked) if key else overview(service, asked)
        finally:
            service.database.close()
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False))
    elif as_csv:
        click.echo(results_file.as_csv(_lines(found)), nl=False)
    else:
        _show(found)


def _plain(found: Overview | Report) -> dict[str, Any]:
    told: dict[str, Any] = {"since": found.period.since.isoformat(), "until": found.period.until.isoformat()}
    if isinstance(found, Report):
        by = {name: {line.name: asdict(line.counts) for line in lines} for name, lines in found.by.items()}
        return {**told, "programme": found.programme, "total": asdict(found.total), "held": dict(found.held), "by": by}
    held: dict[str, dict[str, int]] = {}
    for (programme, reason), texts in found.held.items():
        held.setdefault(programme, {})[reason] = texts
    lines = {line.name: asdict(line.counts) for line in found.programmes}
    return {**told, "programmes": lines, "held": held, "words": [asdict(one) for one in found.words]}


def _lines(found: Overview | Report) -> results_file.Lines:
    if isinstance(found, Overview):
        return results_file.counts("programme", ((line.name, line.name, line.counts) for line in found.programmes))
    rows = [("total", found.programme, found.total)]
    rows += [(name, line.name, line.counts) for name, lines in found.by.items() for line in lines]
    return results_file.counts("by", rows)


def _show(found: Overview | Report) -> None:
    click.echo(f"{found.period.since} to {found.period.until}, by the day of the slot. Shares are of what arrived.")
    if isinstance(found, Overview):
        _print("programme", found.programmes)
        return
    _print(found.programme, [Line("all", found.total)])
    for name, lines in found.by.items():
        _print(name, lines)
    for reason, texts in found.held.items():
        click.echo(f"held, {reason}: {texts:,}")


def _print(name: str, lines: Iterable[Line]) -> None:
    table = Table(name, *HEADS)
    for line in lines:
        counts = line.counts
        shares = (_share(counts, name) for name in SHOWN)
        said = calendar.day_name[int(line.name)] if name == "weekday" else line.name
        table.add_row(said or "-", f"{counts.planned:,}", f"{counts.delivered:,}", *shares)
    Console(highlight=False).print(table)


def _share(counts: Counts, name: str) -> str:
    """12 1.2%"""
    share = Share(getattr(counts, name), counts.reached)
    return f"{share.hits:,} {100 * share.rate:.1f}%" if share.hits else "0"
