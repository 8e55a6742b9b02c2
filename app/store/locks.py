"""What happens one at a time, in whichever process: advisory locks, each under a number of its own."""

from __future__ import annotations

from sqlalchemy import Connection, text

BOOKING = 7_210_001  # bookings are counted one at a time, so that no slot is filled past capacity
SETTING = 7_210_002  # of two people who change one option at once, the second sees the first one's


def one_at_a_time(connection: Connection, lock: int) -> None:
    """Until the transaction ends nobody else comes past this. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
