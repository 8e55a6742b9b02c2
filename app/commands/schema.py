"""`huifu migrate`."""

from __future__ import annotations

import json

import click

from app.commands.opening import reachable
from app.commands.stops import Stop
from app.config import load_settings
from app.store import migrate


@click.command("migrate", short_help="Create or update the tables of the database.")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; end with 1 when something is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result for a script.")
def migrate_command(only_check: bool, as_json: bool) -> None:
    """Create or update the tables of the database that DATABASE_URL names.

    Does nothing when they are up to date. Safe while the service runs, and when several machines do it at once. There
    is no way back but a backup.

    \b
    Example:
      huifu migrate
      DATABASE_URL=postgresql://huifu@db/huifu huifu migrate
    """
    settings = load_settings()
    with reachable():
        before = migrate.current(settings.database_url)
        if not only_check:
            try:
                migrate.upgrade(settings.database_url)
            except TimeoutError as error:
                raise Stop(f"Nothing was migrated: {error}.") from None
    after = before if only_check else migrate.current(settings.database_url)
    if as_json:
        click.echo(json.dumps({"before": before, "revision": after, "needed": migrate.head()}))
    elif after != migrate.head():
        raise Stop(f"The database is at {after or 'nothing'}, this program needs {migrate.head()}; run: huifu migrate")
    else:
        click.echo(f"The tables are up to date ({after})." if before == after else f"Migrated to {after}.")
    if after != migrate.head():
        raise click.exceptions.Exit(1)
