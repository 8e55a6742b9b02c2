"""Demo people for a first try of the console: one of each role, all with the same password. Never at a bank's own."""

from __future__ import annotations

from datetime import datetime

from app.handlers.accounts.digests import digest, matches
from app.store import agents, audit
from app.store.database import Database

DEMO_PASSWORD = "huifu-demo-2026"
PEOPLE = {"小李": "agent", "小陈": "agent", "张主管": "supervisor", "运营": "operator", "审计": "auditor"}


def add_demo_agents(database: Database, now: datetime) -> dict[str, str]:
    """Makes them when nobody is there yet. Gives (name: role) of those who still have the demo password."""
    with database.begin() as connection:
        empty = not agents.count(connection)
    kept = digest(DEMO_PASSWORD) if empty else ""
    with database.begin() as connection:
        if empty and not agents.count(connection):
            for name, role in PEOPLE.items():
                made = agents.add(connection, name, role, kept, now)
                audit.add(connection, "terminal:demo-data", "agent.add", f"agent:{made}", now, detail={"role": role})
        rows = [row for row in agents.listed(connection) if row.name in PEOPLE]
    same = {password for password in {row.password for row in rows} if matches(password, DEMO_PASSWORD)}
    return {row.name: row.role for row in rows if row.password in same}
