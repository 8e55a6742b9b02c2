"""`huifu demo-data`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from app.commands.opening import opened
from app.config import load_settings
from app.handlers.customers_file import Fault, read
from app.handlers.customers_imported import Ears, import_customers
from app.handlers.demo_agents import DEMO_PASSWORD, add_demo_agents
from app.handlers.demo_customers import demo_customers


def _ignore(_: Fault | int) -> None:
    return


@click.command("demo-data", short_help="Put demo customers and agents into the database.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script.")
def demo_data(as_json: bool) -> None:
    """Put some demo customers into the database, each in another situation, and people who answer them.

    Again changes nothing but dates, which stay as far from today as they were, and numbers that were given away while
    playing; people are made only where nobody is yet. Does nothing unless GATEWAY is the simulator: demo customers do
    not belong among a bank's.

    \b
    Example:
      huifu demo-data
    """
    settings = load_settings()
    if settings.gateway != "simulator":
        click.echo(json.dumps({"rows": 0}) if as_json else f"No demo customers with GATEWAY={settings.gateway}.")
        return
    now = datetime.now(UTC)
    demo = demo_customers(now.astimezone(settings.zone).date())
    with opened(settings) as database:
        outcome = import_customers(
            database,
            read(demo.lines)[1],
            file="demo",
            clock=lambda: now,
            ears=Ears(_ignore, _ignore, _ignore),
            trust_numbers=True,
        )
        people = add_demo_agents(database, now)
    if as_json:
        click.echo(json.dumps({**asdict(outcome), "customers": [list(part) for part in demo.cast], "agents": people}))
        return
    for phone, situation in demo.cast:
        click.echo(f"{phone}  {situation}")
    if people:
        told = ", ".join(f"{name} ({role})" for name, role in people.items())
        click.echo(f"At the console, all with the password {DEMO_PASSWORD}: {told}")
