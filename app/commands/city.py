"""`huifu city`."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.commands.stops import Misused, Stop

if TYPE_CHECKING:
    from app.city.run import Plan, Report


@click.command("city", short_help="Let a city of scripted customers try to break every law.")
@click.option("--texts", type=click.IntRange(1), default=2000, show_default=True, help="That customers say in all.")
@click.option("--customers", type=click.IntRange(8, 10_000), default=200, show_default=True, help="Who say them.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of scripts, faults and kills.")
@click.option("--kills", type=click.IntRange(0), default=0, show_default=True, help="SIGKILLs in the middle.")
@click.option("--database", default="", help="A PostgreSQL server, for web and worker apart; default SQLite, in one.")
@click.option("--speed", type=click.FloatRange(1, 60), default=20.0, show_default=True, help="Of the service's clock.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script.")
def city(texts: int, customers: int, seed: int, kills: int, database: str, speed: float, as_json: bool) -> None:
    """Let a city of scripted customers try to break every law of the service.

    Real server processes are started as children, on a database of their own, which is thrown away. Customers of many
    characters text them through signed webhooks, by way of a gateway that repeats, reorders, loses and refuses, while
    the processes are killed. Then everything is mended, and a checker that shares no code with the service compares
    what was on the air with the laws. Ends with 1 when one was broken, and prints how to live the same city again.

    \b
    Example:
      huifu city --texts 2000 --customers 200 --seed 7 --kills 5
      huifu city --texts 500 --seed 7 --database postgresql://postgres@localhost/postgres --json
    """
    from app.city import show
    from app.city.run import Plan

    if database and not database.startswith("postgres"):
        raise Misused("--database must name a PostgreSQL server; SQLite needs none")
    # The children have sessions of their own and would outlive a city that ends without clearing up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    plan = Plan(texts, customers, seed, kills, database, speed)
    report = _watched(plan)
    if as_json:
        click.echo(json.dumps(show.data(plan, report), ensure_ascii=False))
    else:
        show.tables(Console(), plan, report)
    if report.broken:
        click.get_current_context().exit(1)


def _watched(plan: Plan) -> Report:
    """Lives it under a bar that shows how many texts have been acknowledged."""
    from app.bench.servers import NotServing
    from app.city.run import Broken, live

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2, transient=True) as progress:
        task = progress.add_task("starting", total=plan.texts)
        try:
            return live(plan, lambda what, done: progress.update(task, description=what, completed=done))
        except (Broken, NotServing) as error:
            raise Stop(f"The city fell apart, and nothing can be said of the service: {error}") from None
