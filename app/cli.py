"""The command `huifu`. A new command is a file of `app/commands/`, one line here, and a line in the documentation."""

from __future__ import annotations

import click

from app.commands.agents import agents
from app.commands.bench import bench
from app.commands.chat import chat
from app.commands.city import city
from app.commands.customers import customers
from app.commands.demo import demo_data
from app.commands.explain import explain
from app.commands.flows import flows
from app.commands.schema import migrate_command
from app.commands.serve import run, web
from app.commands.stops import Commands
from app.commands.tickets import callbacks, tickets
from app.commands.understand import understand
from app.commands.worker import worker

VERSION = "0.2.0"  # as in pyproject.toml: a checkout is run without being installed


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version=VERSION, prog_name="huifu")
def main() -> None:
    """Huifu 回复: a two-way SMS service for banks.

    Settings come from the environment and from .env; docs/settings.md lists them.

    \b
    Example:
      huifu run
    """


SERVICE = (run, web, worker, migrate_command, bench, city)
DATA = (demo_data, customers, agents)
TALK = (chat, tickets, callbacks, explain, flows, understand)

for command in (*SERVICE, *DATA, *TALK):
    main.add_command(command)
