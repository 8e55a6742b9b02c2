"""`huifu care status`: how many texts may go now, and why not more."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.commands.opening import serving
from app.config import load_settings
from app.handlers.care.pace import Pace, pace
from app.logs import set_up_logs


@click.command("status", short_help="Tell how many texts may go now.")
@click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
def status(as_json: bool) -> None:
    """Tell how many planned texts may go now, and what holds the others: the sender's room, or the agents.

    \b
    Example:
      huifu care status
      huifu care status --json
    """
    set_up_logs("WARNING")
    with serving(load_settings()) as service:
        tell(pace(service), as_json=as_json)


def tell(found: Pace, *, as_json: bool) -> None:
    """Prints it."""
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    for sentence in found.says:
        click.echo(sentence)
    if not found.programmes:
        click.echo("no planned text is due")
