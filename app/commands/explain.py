"""`huifu explain`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from app.commands.opening import opened
from app.commands.stops import Stop
from app.config import load_settings
from app.handlers.explain import explain_message


@click.command("explain", short_help="Tell why a text was sent.")
@click.argument("message_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print it for a script.")
def explain(message_id: int, as_json: bool) -> None:
    """Tell why a text was sent, or was not: what was heard, the flow's steps, the words, consent, and its delivery.

    It shows ids, steps and reasons, and neither the words of a customer nor a number.

    \b
    Example:
      huifu explain 17
    """
    with opened(load_settings()) as database:
        found = explain_message(database, message_id)
    if found is None:
        raise Stop(f"There is no message {message_id}.")
    if as_json:
        click.echo(json.dumps(asdict(found), default=str, ensure_ascii=False))
        return
    for name, value in asdict(found).items():
        if value not in ("", (), None, []):
            shown = " · ".join(map(str, value)) if isinstance(value, list | tuple) else value
            click.echo(f"{name.replace('_', ' '):<12} {shown}")
