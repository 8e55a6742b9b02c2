"""`huifu city`."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
from click.exceptions import Exit
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.commands.stops import Misused, Stop

if TYPE_CHECKING:
    from app.city.plan import Plan
    from app.city.run import Report

TIMES = click.IntRange(0)


@click.command("city", short_help="Let a city of scripted customers try to break every law.")
@click.option("--texts", type=click.IntRange(1), default=2000, show_default=True, help="That customers say in all.")
@click.option("--customers", type=click.IntRange(12, 10_000), default=300, show_default=True, help="Who say them.")
@click.option("--seed", type=TIMES, default=1, show_default=True, help="Of scripts, faults and all that breaks.")
@click.option("--kills", type=TIMES, default=0, help="SIGKILLs of a process, which is started again.")
@click.option("--pauses", type=TIMES, default=0, help="SIGSTOPs of a process, for longer than a lease.")
@click.option("--skews", type=TIMES, default=0, help="Clocks that go wrong by up to 3 minutes for a while.")
@click.option("--full-disks", type=TIMES, default=0, help="Times at which the database's files cannot grow.")
@click.option("--db-restarts", type=TIMES, default=0, help="Of PostgreSQL, as after a crash; with --scale.")
@click.option("--redis-restarts", type=TIMES, default=0, help="SIGKILLs of Redis, which comes back empty.")
@click.option("--flushes", type=TIMES, default=0, help="FLUSHALLs of Redis.")
@click.option("--scale", is_flag=True, help="PostgreSQL, Redis and Celery workers; both servers of its own.")
@click.option("--webs", type=click.IntRange(1, 16), default=2, show_default=True, help="Processes of huifu web.")
@click.option("--workers", type=click.IntRange(1, 16), default=2, show_default=True, help="And of huifu worker.")
@click.option("--database", default="", help="A PostgreSQL server that exists, instead of SQLite or of one's own.")
@click.option("--speed", type=click.FloatRange(1, 60), default=20.0, show_default=True, help="Of the service's clock.")
@click.option("--crowd", type=click.IntRange(1, 2000), default=100, show_default=True, help="Who text at a time.")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="So many cities, one by one.")
@click.option("--until-texts", type=TIMES, default=0, help="Cities, until so many texts have been said in all.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Add a line of JSON for each city.")
@click.option("--logs", type=click.Path(file_okay=False, exists=True, path_type=Path), help="Keep the logs there.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script, a line for each city.")
def city(
    texts: int,
    customers: int,
    seed: int,
    scale: bool,
    webs: int,
    workers: int,
    database: str,
    speed: float,
    crowd: int,
    seeds: int,
    until_texts: int,
    to: Path | None,
    logs: Path | None,
    as_json: bool,
    **breaks: int,
) -> None:
    """Let a city of scripted customers try to break every law of the service.

    Real server processes are started as children, on a database of their own, which is thrown away. Customers of many
    characters text them through signed webhooks, by way of a gateway that repeats, reorders, loses and refuses, while
    processes are killed and paused and what they stand on is restarted. Then everything is mended, and a checker that
    shares no code with the service compares what was on the air with the laws. Ends with 1 when one was broken, and
    prints how to live the same city again.

    \b
    Example:
      huifu city --texts 2000 --customers 300 --seed 7 --kills 5
      huifu city --scale --texts 10000 --customers 1200 --kills 30 --db-restarts 2 --redis-restarts 2 --pauses 2
      huifu city --scale --kills 10 --until-texts 50000 --to runs.jsonl
    """
    from app.city.plan import Plan
    from app.logs import set_up_logs

    set_up_logs("ERROR")
    if database and not database.startswith("postgres"):
        raise Misused("--database must name a PostgreSQL server; SQLite needs none")
    plan = Plan(texts, customers, seed, breaks, scale, database, speed, crowd, webs, workers)
    if sentence := plan.impossible():
        raise Misused(sentence)
    # The children have sessions of their own and would outlive a city that ends without clearing up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cities(plan, lambda one: _watched(one, logs), seeds=seeds, until_texts=until_texts, to=to, as_json=as_json)


def cities(
    plan: Plan,
    live: Callable[[Plan], Report],
    *,
    seeds: int = 1,
    until_texts: int = 0,
    to: Path | None = None,
    as_json: bool = False,
) -> None:
    """Lives so many of them, and more until so many texts have been said, each of the next seed, and tells of each.
    Raises `Exit` with 1 when one broke a law."""
    from app.city import show

    runs: list[dict[str, Any]] = []
    while len(runs) < seeds or sum(run["counts"]["texts said"] for run in runs) < until_texts:
        one = replace(plan, seed=plan.seed + len(runs))
        report = live(one)
        runs.append(show.data(one, report))
        if to is not None:
            with to.open("a", encoding="utf-8") as kept:
                _line(runs[-1], kept)
        if as_json:
            _line(runs[-1], sys.stdout)
        else:
            show.tables(Console(), one, report)
    if len(runs) > 1 and not as_json:
        show.total_table(Console(), runs)
    if any(run["broken"] for run in runs):
        raise Exit(1)


def _line(run: dict[str, Any], to: TextIO) -> None:
    to.write(json.dumps(run, ensure_ascii=False) + "\n")
    to.flush()


def _watched(plan: Plan, logs: Path | None) -> Report:
    """Lives it under a bar that shows how many texts have been acknowledged."""
    from app.bench.databases import NoPostgres
    from app.bench.redis import NoRedis
    from app.bench.servers import NotServing
    from app.city.run import Broken, live

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2, transient=True) as progress:
        task = progress.add_task("starting", total=plan.texts)
        try:
            return live(plan, lambda what, done: progress.update(task, description=what, completed=done), logs)
        except (Broken, NotServing) as error:
            raise Stop(f"The city fell apart, and nothing can be said of the service: {error}") from None
        except (NoPostgres, NoRedis) as error:
            raise Misused(str(error)) from None
