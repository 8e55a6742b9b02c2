"""`huifu demo-data`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.commands.opening import opened
from app.config import load_settings
from app.handlers.care.events_file import import_events
from app.handlers.care.events_file import read as read_events
from app.handlers.customers_file import Fault, read
from app.handlers.customers_imported import Ears, import_customers
from app.handlers.demo_agents import DEMO_PASSWORD, add_demo_agents
from app.handlers.demo_customers import demo_customers, demo_events
from app.wiring import clock_of


def _ignore(_: Fault | int) -> None:
    return


@click.command("demo-data", short_help="Put demo customers and agents into the database.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script.")
def demo_data(as_json: bool) -> None:
    """Put some demo customers into the database, each in another situation, what they did elsewhere, and people who
    answer them.

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
    now = clock_of(settings)()
    today = now.astimezone(settings.zone).date()
    demo = demo_customers(today)
    with opened(settings) as database:
        outcome = import_customers(
            database,
            read(demo.lines)[1],
            file="demo",
            clock=lambda: now,
            ears=Ears(_ignore, _ignore, _ignore),
            trust_numbers=True,
            language=settings.default_language,
        )
        known = import_events(
            database,
            read_events(demo_events(today, settings.zone))[1],
            file="demo",
            clock=lambda: now,
            fault=_ignore,
            reached=_ignore,
        )
        people = add_demo_agents(database, now)
    if as_json:
        more = {"customers": [list(part) for part in demo.cast], "events": known.rows, "agents": people}
        click.echo(json.dumps({**asdict(outcome), **more}))
        return
    for phone, situation in demo.cast:
        click.echo(f"{phone}  {situation}")
    if people:
        told = ", ".join(f"{name} ({role})" for name, role in people.items())
        click.echo(f"At the console, all with the password {DEMO_PASSWORD}: {told}")
