"""`huifu tickets` and `huifu callbacks`: what people have to do, worked from the terminal."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from app.commands.opening import opened, serving
from app.commands.stops import Stop
from app.config import Settings, load_settings
from app.handlers.agent_acted import NotYours, claim, release, reply
from app.handlers.callbacks_called import keep
from app.handlers.service import Service
from app.store import agents as people
from app.store import callbacks as callback_rows
from app.store import staffing
from app.store import tickets as ticket_rows
from app.wiring import clock_of

as_option = click.option("--as", "agent", default=getpass.getuser, metavar="NAME", help="Who you are; your login name.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
MOST = 500
THERE = timedelta(minutes=30)
"""So long after a command here somebody counts as there; then a conversation of theirs goes back into the queue."""


@click.group("tickets", short_help="Customers who need a person.")
def tickets() -> None:
    """Customers who need a person: talks to take over, and flags that a queue must know of.

    \b
    Example:
      huifu tickets list
      huifu tickets claim 17 --as 小李
      huifu tickets reply 17 "我是客户经理小李，请问有什么可以帮您？" --as 小李
      huifu tickets release 17 --as 小李
    """


@tickets.command("list")
@click.option("--all", "closed_too", is_flag=True, help="Closed ones as well.")
@json_option
def list_tickets(closed_too: bool, as_json: bool) -> None:
    """List what waits and what is claimed, the oldest first.

    \b
    Example:
      huifu tickets list
    """
    states = ("waiting", "claimed", "closed") if closed_too else ("waiting", "claimed")
    settings = load_settings()
    with opened(settings) as database, database.begin() as connection:
        rows = ticket_rows.listed(connection, states, MOST)
    _show(
        settings,
        rows,
        ("id", "kind", "topic", "state", "agent", "phone", "place", "opened_at", "reason"),
        "No ticket waits.",
        as_json,
    )


@tickets.command("claim")
@click.argument("ticket", type=int)
@as_option
def claim_ticket(ticket: int, agent: str) -> None:
    """Take a ticket. The bot is silent in its conversation until you release it, or do nothing here for 30 minutes.

    \b
    Example:
      huifu tickets claim 17 --as 小李
    """
    with _service(agent) as service:
        claim(service, ticket, agent)
    click.echo(f"Ticket {ticket} is yours, {agent}.")


@tickets.command("reply")
@click.argument("ticket", type=int)
@click.argument("text")
@as_option
def reply_to_ticket(ticket: int, text: str, agent: str) -> None:
    """Text the customer. The bank's signature is put in front.

    \b
    Example:
      huifu tickets reply 17 "我是客户经理小李，请问有什么可以帮您？" --as 小李
    """
    with _service(agent) as service:
        message = reply(service, ticket, agent, text)
    click.echo(f"Queued as message {message}.")


@tickets.command("release")
@click.argument("ticket", type=int)
@click.option("--into", "flow", metavar="FLOW", help="A flow to hand over into; else where the customer stood.")
@as_option
def release_ticket(ticket: int, flow: str | None, agent: str) -> None:
    """Hand the conversation back to the bot, and close the ticket.

    \b
    Example:
      huifu tickets release 17 --as 小李
      huifu tickets release 17 --into guide_draw --as 小李
    """
    with _service(agent) as service:
        release(service, ticket, agent, flow)
    click.echo(f"Ticket {ticket} is closed; the bot goes on.")


@click.group("callbacks", short_help="Calls that were promised.")
def callbacks() -> None:
    """Calls that were promised to customers: which are due, and whether they were kept.

    \b
    Example:
      huifu callbacks list
      huifu callbacks kept 5 --as 小李
    """


@callbacks.command("list")
@click.option("--all", "settled_too", is_flag=True, help="Kept, missed, failed and cancelled ones as well.")
@json_option
def list_callbacks(settled_too: bool, as_json: bool) -> None:
    """List booked callbacks by their time.

    \b
    Example:
      huifu callbacks list
    """
    states = ("booked", "kept", "missed", "failed", "cancelled") if settled_too else ("booked",)
    settings = load_settings()
    with opened(settings) as database, database.begin() as connection:
        rows = callback_rows.listed(connection, states, MOST)
    columns = ("id", "state", "starts_at", "ends_at", "call_phone", "topic", "settled_by")
    _show(settings, rows, columns, "No callback is booked.", as_json)


@callbacks.command("kept")
@click.argument("callback", type=int)
@as_option
def keep_callback(callback: int, agent: str) -> None:
    """Say that the customer was reached. A slot that ends without it counts as missed.

    \b
    Example:
      huifu callbacks kept 5 --as 小李
    """
    with _service(agent) as service:
        keep(service, callback, agent)
    click.echo(f"Callback {callback} was kept.")


@contextmanager
def _service(agent: str) -> Iterator[Service]:
    with serving(load_settings()) as service:
        with service.database.begin() as connection:
            _require_at_work(connection, agent)
        try:
            yield service
        except (NotYours, ValueError) as error:
            raise Stop.saying(error) from None
        except KeyError as error:
            raise Stop.saying(f"{error.args[0]}; see docs/flows/README.md") from None


def _require_at_work(connection: Connection, name: str) -> None:
    """While the bank has no accounts any name does. Then it has to be one of theirs: a ticket that goes to a name that
    nobody has would lie there for ever. Whoever works here has no page that says they are there, so this says it."""
    if not people.count(connection):
        return
    if not staffing.takes_tickets(connection, name):
        raise Stop(f"No agent or supervisor is called {name}: say who you are with --as NAME, see `huifu agents list`.")
    staffing.alive(connection, [name], clock_of(load_settings())() + THERE)


def _show(settings: Settings, rows: Sequence[Any], columns: Sequence[str], nothing: str, as_json: bool) -> None:
    found = [{name: _plain(settings, name, row._mapping[name], as_json) for name in columns} for row in rows]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        click.echo(nothing)
        return
    table = Table(*(name.removesuffix("_at").replace("_", " ") for name in columns), box=None, pad_edge=False)
    for row in found:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)


def _plain(settings: Settings, name: str, value: Any, for_script: bool) -> Any:
    if name == "phone":
        return f"…{value[-4:]}"  # whoever claims the ticket writes to the customer without the number
    if not isinstance(value, datetime):
        return value
    local = value.astimezone(settings.zone)
    return local.isoformat(" ", "minutes") if for_script else f"{local:%m-%d %H:%M}"
