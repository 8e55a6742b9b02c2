"""How the service is: can it remember, is the schema the code's, and what waits."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from app.handlers.service import Service
from app.store import companions, counts
from app.store.companions import Waiting
from app.store.counts import Planned
from app.store.database import is_read_only
from app.store.migrate import configuration, head, revision_of


def backlog(service: Service) -> dict[str, int]:
    """Rows that wait, by queue."""
    with service.database.begin() as connection:
        return counts.waiting(connection)


def care_backlog(service: Service, now: datetime) -> tuple[Planned, dict[str, Waiting]]:
    """Planned texts, and what waits to go beside texts, by channel."""
    with service.database.begin() as connection:
        return counts.planned(connection, now), companions.waiting(connection, now)


def faults(service: Service) -> list[str]:
    """Why the service cannot work now, a sentence each; empty when it can.

    A schema that is newer than the code is no fault: it was made to suit the code that runs while it is applied, and
    during a deploy that is this one.
    """
    try:
        with service.database.begin() as connection:
            found = revision_of(connection)
            if found is not None:
                counts.touch(connection)
    except Exception as error:
        if isinstance(error, DBAPIError) and is_read_only(error):
            return ["the database takes no writes: it is read-only"]
        return [f"the database does not answer ({type(error).__name__})"]
    if found is None or found in _older():
        return [f"the database is at version {found or 'none'}, this code needs {head()}: run huifu migrate"]
    return []


@cache
def _older() -> frozenset[str]:
    """Revisions that this code has left behind."""
    scripts = ScriptDirectory.from_config(configuration())
    return frozenset(script.revision for script in scripts.walk_revisions()) - {head()}
