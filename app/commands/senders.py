"""`huifu senders`: the file of numbers that the bank sends from."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, date, datetime

import click
from rich.console import Console
from rich.table import Table

from app.commands.opening import opened
from app.commands.stops import Misused, Stop
from app.config import load_settings
from app.store import audit
from app.store import senders as rows

as_option = click.option("--as", "agent", default=getpass.getuser, metavar="NAME", help="Who you are; your login name.")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("senders", short_help="The file of numbers that the bank sends from.")
def senders() -> None:
    """The file of numbers that the bank sends from, as they are registered with the authority, until when.

    \b
    Example:
      huifu senders add 95588 --to "示例银行股份有限公司" --registration 2024-0117 --expires 2027-12-31
      huifu senders list
    """


@senders.command("add")
@click.argument("number")
@click.option("--to", "registered_to", required=True, metavar="NAME", help="Whom it is registered to.")
@click.option("--registration", default="", metavar="TEXT", help="Number of the registration.")
@click.option("--from", "valid_from", type=DAY, help="First day on which it is valid.")
@click.option("--expires", "expires_on", type=DAY, help="Last day on which it is valid.")
@as_option
def add(
    number: str,
    registered_to: str,
    registration: str,
    valid_from: datetime | None,
    expires_on: datetime | None,
    agent: str,
) -> None:
    """Put a number on file, or change what is there. As texts leave from it: +8695588, 95588, 10690001.

    \b
    Example:
      huifu senders add +15005550006 --to "Example Bank" --expires 2027-12-31
    """
    if not number.removeprefix("+").isdigit() or not 3 <= len(number) <= 21:
        raise Misused(f"NUMBER: {number!r} is no number; write digits, with + in front for a country code.")
    first, last = (moment.date() if moment else None for moment in (valid_from, expires_on))
    if first and last and last < first:
        raise Misused("--expires: it is before --from; give a later day.")
    now = datetime.now(UTC)
    with opened(load_settings()) as database, database.begin() as connection:
        rows.put(
            connection,
            number,
            registered_to=registered_to[:120],
            registration=registration[:80],
            valid_from=first,
            expires_on=last,
            by=agent,
            now=now,
        )
        detail = {"expires": last.isoformat() if last else ""}
        audit.add(connection, agent, "sender.file", f"sender:{number}", now, detail=detail)
    click.echo(f"{number} is on file{f' until {last}' if last else ''}.")


@senders.command("remove")
@click.argument("number")
@as_option
def remove(number: str, agent: str) -> None:
    """Take a number off the file.

    \b
    Example:
      huifu senders remove +15005550006
    """
    with opened(load_settings()) as database, database.begin() as connection:
        if not rows.drop(connection, number):
            raise Stop(f"{number} is not on file; see: huifu senders list")
        audit.add(connection, agent, "sender.remove", f"sender:{number}", datetime.now(UTC))
    click.echo(f"{number} is off the file.")


@senders.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
def list_senders(as_json: bool) -> None:
    """List the numbers on file.

    \b
    Example:
      huifu senders list
    """
    with opened(load_settings()) as database, database.begin() as connection:
        found = rows.listed(connection)
    if as_json:
        for row in found:
            told = {"number": row.number, "registered_to": row.registered_to, "registration": row.registration}
            click.echo(json.dumps({**told, "from": _day(row.valid_from), "expires": _day(row.expires_on)}))
        return
    table = Table("number", "registered to", "registration", "from", "expires")
    for row in found:
        table.add_row(row.number, row.registered_to, row.registration, _day(row.valid_from), _day(row.expires_on))
    Console(highlight=False).print(table if found else "No number is on file; add one with: huifu senders add")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
