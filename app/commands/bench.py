"""`huifu bench`."""

from __future__ import annotations

import json
import os

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.bench import show
from app.bench.by_hand import NotByHand
from app.bench.databases import NoPostgres
from app.bench.load import Refusing
from app.bench.measure import Options, measure
from app.bench.servers import NotServing
from app.commands.stops import Misused, Stop


@click.command("bench", short_help="Measure turns per second next to this machine's ceiling.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True)
@click.option("--seconds", type=click.FloatRange(0.2, 600), default=5.0, show_default=True, help="Length of a load.")
@click.option("--rounds", type=click.IntRange(1, 50), default=3, show_default=True, help="Each side, by turns.")
@click.option("--rates", default="100,200", show_default=True, help="Texts a second in the open loop; '' for none.")
@click.option("--connections", type=click.IntRange(1, 200), default=16, show_default=True, help="In the closed loop.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Of the server.")
@click.option("--customers", type=click.IntRange(1), default=200, show_default=True, help="Who text by turns.")
@click.option("--with-worker", is_flag=True, help="Measure also with answers being sent, to a stand-in for Twilio.")
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
    postgres_url: str | None,
    as_json: bool,
) -> None:
    """Measure turns per second next to the ceiling of this machine.

    Signed webhooks reach the service over HTTP; each is a whole turn, until its answer stands in the outbox. Beside it
    runs a bare Flask view on the same server that only checks the signature and does as many SQL statements by hand in
    one transaction: the ceiling. The figure to watch is the ratio of the two, since a machine's own pace falls out.

    Nothing is sent, and your database is not touched: each side has a database of its own, which is dropped.

    \b
    Example:
      huifu bench
      huifu bench --database sqlite --seconds 2 --rounds 1 --rates ''
      huifu bench --database postgresql --postgres-url postgresql://postgres@localhost/postgres --json
    """
    given = postgres_url or os.environ.get("DATABASE_URL", "")
    options = Options(
        databases=("sqlite", "postgresql") if database == "both" else (database,),
        seconds=seconds,
        rounds=rounds,
        rates=_rates(rates),
        connections=connections,
        threads=threads,
        customers=customers,
        with_worker=with_worker,
        postgres_url=given if given.startswith("postgres") else None,
    )
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Twice a second: a display that redraws more often would cost the measurement something.
    with Progress(*columns, console=errors, refresh_per_second=2, transient=True) as progress:
        task = progress.add_task("starting", total=options.loads)

        def tell(what: str) -> None:
            progress.update(task, description=what, advance=1)

        try:
            found = measure(options, tell)
        except NoPostgres as error:
            raise Misused(str(error)) from None
        except (NotServing, Refusing, NotByHand) as error:
            raise Stop(f"The measurement was broken off: {error}") from None
    if as_json:
        click.echo(json.dumps(show.data(options, found), ensure_ascii=False))
    else:
        show.tables(Console(), options, found)


def _rates(written: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(rate) for rate in written.split(",") if rate.strip())
    except ValueError:
        rates = (0.0,)
    if not all(1 <= rate <= 100_000 for rate in rates):
        raise Misused("--rates must be numbers of texts a second with commas between them, like 100,200")
    return rates
