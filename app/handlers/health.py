"""How the service is: can it remember, is the schema the code's, and what waits."""

from __future__ import annotations

from app.handlers.service import Service
from app.store import counts
from app.store.migrate import current, head


def backlog(service: Service) -> dict[str, int]:
    """Rows that wait, by queue."""
    with service.database.begin() as connection:
        return counts.waiting(connection)


def faults(service: Service) -> list[str]:
    """Why the service cannot work now, a sentence each; empty when it can."""
    try:
        with service.database.begin() as connection:
            counts.touch(connection)
    except Exception as error:
        return [f"the database does not answer ({type(error).__name__})"]
    found = current(service.database.url.render_as_string(hide_password=False))
    if found != head():
        return [f"the database is at version {found or 'none'}, this code needs {head()}: run huifu migrate"]
    return []
