"""What happens one at a time, in whichever process: advisory locks, each under a number of its own."""

from __future__ import annotations

from sqlalchemy import Connection, text

BOOKING = 7_210_001  # bookings are counted one at a time, so that no slot is filled past capacity
CIRCUIT = 7_210_010  # of two processes that judge a gateway at once, the second sees what the first one wrote
SETTING = 7_210_002  # of two people who change one option at once, the second sees the first one's
MONTHS = 7_210_005  # partitions are made by one process
RETENTION = 7_210_006  # what is past its time is dropped by one process
PLANNING = 7_210_012  # of two planners who begin at once, the second sees that the first one is at it
PROGRAMMES = 7_210_011  # a programme that is switched off has no text planned or queued by somebody who saw it on


def one_at_a_time(connection: Connection, lock: int) -> None:
    """Until the transaction ends nobody else comes past this. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})


def beside_others(connection: Connection, lock: int) -> None:
    """Until the transaction ends nobody passes `one_at_a_time`; others who ask as we do go on beside us."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": lock})
