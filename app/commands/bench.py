"""`huifu bench`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.bench import console, console_show, show
from app.bench.by_hand import NotByHand
from app.bench.databases import NoPostgres
from app.bench.load import Refusing
from app.bench.measure import Options, Tell, measure
from app.bench.servers import NotServing
from app.commands.stops import Misused, Stop

Found = TypeVar("Found")


@click.command("bench", short_help="Measure turns per second next to this machine's ceiling.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True)
@click.option("--seconds", type=click.FloatRange(0.2, 600), default=5.0, show_default=True, help="Length of a load.")
@click.option("--rounds", type=click.IntRange(1, 50), default=3, show_default=True, help="Each side, by turns.")
@click.option("--rates", default="100,200", show_default=True, help="Texts a second in the open loop; '' for none.")
@click.option("--connections", type=click.IntRange(1, 200), default=16, show_default=True, help="In the closed loop.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Of the server.")
@click.option("--customers", type=click.IntRange(1), default=200, show_default=True, help="Who text by turns.")
@click.option("--with-worker", is_flag=True, help="Measure also with answers being sent, to a stand-in for Twilio.")
@click.option("--console", "pages_too", is_flag=True, help="Measure open pages of the console instead of turns.")
@click.option("--pages", type=click.IntRange(1, 900), default=50, show_default=True, help="Open, with --console.")
@click.option("--changes", type=click.FloatRange(0.5, 200), default=10, show_default=True, help="A second, likewise.")
@click.option("--postgres-url", help="A server to measure on; default DATABASE_URL if it names one, else our own.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures for a script.")
def bench(
    database: str,
    seconds: float,
    rounds: int,
    rates: str,
    connections: int,
    threads: int,
    customers: int,
    with_worker: bool,
    pages_too: bool,
    pages: int,
    changes: float,
    postgres_url: str | None,
    as_json: bool,
) -> None:
    """Measure turns per second next to the ceiling of this machine.

    Signed webhooks reach the service over HTTP; each is a whole turn, until its answer stands in the outbox. Beside it
    runs a bare Flask view on the same server that only checks the signature and does as many SQL statements by hand in
    one transaction: the ceiling. The figure to watch is the ratio of the two, since a machine's own pace falls out.

    With --console it opens pages instead, beside 200 waiting customers, and measures how soon a change is in all of
    them, and what they cost while nothing happens. With REDIS_URL that is measured for changes by way of Redis too.

    Nothing is sent, and your database is not touched: each side has a database of its own, which is dropped.

    \b
    Example:
      huifu bench
      huifu bench --database sqlite --seconds 2 --rounds 1 --rates ''
      huifu bench --console --pages 50
      huifu bench --database postgresql --postgres-url postgresql://postgres@localhost/postgres --json
    """
    given = postgres_url or os.environ.get("DATABASE_URL", "")
    names = ("sqlite", "postgresql") if database == "both" else (database,)
    server = given if given.startswith("postgres") else None
    if pages_too:
        redis_url = os.environ.get("REDIS_URL", "")
        opened = console.Options(names, seconds, pages, 200, changes, threads, server, redis_url)
        of_pages = _told(opened.loads, lambda tell: console.measure(opened, tell))
        if as_json:
            click.echo(json.dumps(console_show.data(opened, of_pages), ensure_ascii=False))
        else:
            console_show.tables(Console(), opened, of_pages)
        return
    options = Options(names, seconds, rounds, _rates(rates), connections, threads, customers, with_worker, server)
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
        except NoPostgres as error:
            raise Misused(str(error)) from None
        except (NotServing, Refusing, NotByHand) as error:
            raise Stop(f"The measurement was broken off: {error}") from None


def _rates(written: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(rate) for rate in written.split(",") if rate.strip())
    except ValueError:
        rates = (0.0,)
    if not all(1 <= rate <= 100_000 for rate in rates):
        raise Misused("--rates must be numbers of texts a second with commas between them, like 100,200")
    return rates
