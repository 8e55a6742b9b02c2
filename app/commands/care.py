"""`huifu care`: programmes from the terminal. What would be planned, planning, switching on and off."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.commands import care_shown as shown
from app.commands.care_results import results
from app.commands.care_status import status
from app.commands.opening import serving
from app.commands.stops import Misused, Stop
from app.config import load_settings
from app.handlers.care import planning, preview, stops, switches
from app.handlers.service import Service
from app.logs import set_up_logs
from app.store import counts, persons, plans
from app.store.occasions_shown import first_due

as_option = click.option("--as", "agent", default=getpass.getuser, metavar="NAME", help="Who you are; your login name.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
day_option = click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The bank's day.  [default: today]")
Advance = Callable[[int], None]


@click.group("care", short_help="Texts that start conversations: programmes and their plans.")
def care() -> None:
    """Texts that start conversations: what would be planned, plan it, switch programmes on and off.

    All programmes begin switched off. While one is on, a worker with the lane `care` plans it every day.

    \b
    Example:
      huifu care list
      huifu care preview --programme birthday
      huifu care on birthday
      huifu care run
    """


@care.command("list")
@json_option
def list_programmes(as_json: bool) -> None:
    """List the programmes, which of them are on, and the last runs of the planner.

    \b
    Example:
      huifu care list
    """
    with _service() as service, service.database.begin() as connection:
        states, runs = switches.states(connection), plans.last(connection, 5)
    if as_json:
        _print(shown.listed(states, runs))
    else:
        shown.list_tables(states, runs, service.zone)


@care.command("preview")
@click.option("--programme", "keys", multiple=True, metavar="KEY", help="One that is on or off; may be repeated.")
@click.option("--customer", metavar="ID", help="Tell what becomes of one customer in every programme.")
@day_option
@json_option
def preview_day(keys: tuple[str, ...], customer: str | None, day: datetime | None, as_json: bool) -> None:
    """Tell who would get what and when, and who would not and why. Nothing is written, nothing is sent.

    Without --programme it is about those that are on. It tells ids and the last four digits of numbers only.

    \b
    Example:
      huifu care preview
      huifu care preview --programme birthday --programme settled --day 2026-12-01
      huifu care preview --customer C10023
      huifu care preview --json > preview.json
    """
    with _service() as service:
        wanted = _day(service, day)
        if customer is not None:
            explained = preview.explain(service, customer, wanted)
            if explained is None:
                raise Misused(f"There is no customer {customer!r}; --customer takes a customer_id of customers.csv.")
            if as_json:
                _print(shown.explained(customer, wanted, explained))
            else:
                shown.explained_table(explained)
            return
        with _progress(service, silent=as_json) as advance:
            found = preview.preview(service, wanted, keys=keys, tell=advance)
    if as_json:
        _print(shown.previewed(found))
    else:
        shown.preview_tables(found)


@care.command("run")
@click.option("--programme", "scope", default="", metavar="KEY", help="Only this one; it must be on.")
@click.option("--again", is_flag=True, help="Look at all customers once more, though the day is planned.")
@day_option
@as_option
@json_option
def run(scope: str, again: bool, day: datetime | None, agent: str, as_json: bool) -> None:
    """Plan a day: the texts of all programmes that are on, for all customers. A worker does it every day by itself.

    Cut off, it goes on where it was. Nobody is planned twice for one occasion, however often it runs.

    \b
    Example:
      huifu care run
      huifu care run --programme birthday
      huifu care run --again
      huifu care run --day 2026-12-01 --json
    """
    with _service() as service, _progress(service, silent=as_json) as advance:
        done = planning.plan(
            service,
            _day(service, day),
            asked_by=agent[:50],
            scope=scope,
            again=again,
            tell=lambda run: advance(run.seen),
        )
        with service.database.begin() as connection:
            due = first_due(connection) if service.trial else None
            any_on = bool(switches.active(connection))
            waiting = counts.planned(connection, service.clock()).texts
    if done.state != "done":
        raise Stop(f"Another process plans {done.day} and is at customer {done.seen:,}; let it end.")
    if as_json:
        _print(shown.ran(done))
    else:
        shown.run_table(done)
        if not any_on:
            click.echo("No programme is on; switch one on with: huifu care on KEY")
        if waiting > done.planned:
            click.echo(f"With those of before, {waiting:,} texts wait for their slot.")
        if due is not None and due > service.clock():
            ahead = load_settings().clock_ahead + (due - service.clock()) / timedelta(hours=1)
            moment = due.astimezone(service.zone).strftime("%d %B, %H:%M")
            click.echo(f"The first is due on {moment}: in a trial CLOCK_AHEAD={ahead + 0.05:.1f} leads there.")


@care.command("on")
@click.argument("key")
@click.option("--yes-number", type=int, metavar="N", help="How many customers it is meant for, as you were told.")
@click.option("--because", metavar="TEXT", help="Why one that stopped itself may go on.")
@as_option
def on(key: str, yes_number: int | None, because: str | None, agent: str) -> None:
    """Switch a programme on. One that is meant for many asks for their number first.

    \b
    Example:
      huifu care on birthday
      huifu care on birthday --yes-number 182340
      huifu care on birthday --because "new words since 3 December"
    """
    with _service() as service:

        def switch(number: int | None) -> bool:
            if because is not None:
                return stops.resume(service, agent[:50], key, because, expected=number)
            return switches.switch(service, agent[:50], key, True, expected=number)

        try:
            changed = switch(yes_number)
        except switches.ConfirmNumber as asked:
            if not sys.stdin.isatty():
                raise Misused(f"{_meant(key, asked)} Confirm it with --yes-number {asked.count}.") from None
            typed = click.prompt(f"{_meant(key, asked)} Type that number to switch it on", type=int)
            try:
                changed = switch(typed)
            except switches.ConfirmNumber:
                raise Stop("That is not the number; the programme stays off.") from None
    click.echo(f"The programme {key} {'is on' if changed else 'was on already'}.")


@care.command("off")
@click.argument("key")
@as_option
def off(key: str, agent: str) -> None:
    """Switch a programme off. What is planned is held, and what is queued and has not left is withdrawn.

    \b
    Example:
      huifu care off birthday
    """
    with _service() as service:
        changed = switches.switch(service, agent[:50], key, False)
    click.echo(f"The programme {key} {'is off' if changed else 'was off already'}.")


def _meant(key: str, asked: switches.ConfirmNumber) -> str:
    return f"The programme {key} is meant for {asked.count} of {asked.total} customers."


def _day(service: Service, given: datetime | None) -> date:
    return given.date() if given else service.clock().astimezone(service.zone).date()


@contextmanager
def _service() -> Iterator[Service]:
    set_up_logs("WARNING")  # what went well is told in words
    with serving(load_settings()) as service:
        try:
            yield service
        except switches.StoppedItself as error:
            raise Misused(f"The programme {error}, with --because.") from None
        except stops.NoReason as error:
            raise Misused(f"--{error}.") from None
        except (switches.UnknownProgramme, planning.CannotPlan) as error:
            raise Misused.saying(error) from None


@contextmanager
def _progress(service: Service, *, silent: bool) -> Iterator[Advance]:
    """A bar over all customers with an estimate, on the error stream; none where nobody would see it."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("customers"), TimeElapsedColumn(), TimeRemainingColumn())
    hidden = silent or not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, transient=True) as progress:
        total = None
        if not hidden:
            with service.database.begin() as connection:
                total = persons.count(connection)
        task = progress.add_task("", total=total)
        yield lambda seen: progress.update(task, completed=seen)


care.add_command(results)
care.add_command(status)


def _print(found: Any) -> None:
    click.echo(json.dumps(found, ensure_ascii=False))
