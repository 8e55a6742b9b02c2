"""The command `huifu`. A new command is a file of `app/commands/`, one line here, and a line in the documentation."""

from __future__ import annotations

import click

from app.commands.stops import Commands

VERSION = "0.4.0"  # as in pyproject.toml: a checkout is run without being installed

SERVICE = {
    "run": "serve:run",
    "web": "serve:web",
    "worker": "worker:worker",
    "migrate": "schema:migrate_command",
    "retention": "retention:retention",
    "self-check": "self_check:self_check",
    "senders": "senders:senders",
    "bench": "bench:bench",
    "city": "city:city",
}
DATA = {
    "demo-data": "demo:demo_data",
    "customers": "customers:customers",
    "events": "events:events",
    "agents": "agents:agents",
}
TALK = {
    "care": "care:care",
    "chat": "chat:chat",
    "templates": "templates:templates",
    "tickets": "tickets:tickets",
    "callbacks": "tickets:callbacks",
    "explain": "explain:explain",
    "flows": "flows:flows",
    "understand": "understand:understand",
}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version=VERSION, prog_name="huifu")
def main() -> None:
    """Huifu 回复: a two-way SMS service for banks.

    Settings come from the environment and from .env; docs/settings.md lists them.

    \b
    Example:
      huifu run
    """


main.places = SERVICE | DATA | TALK
