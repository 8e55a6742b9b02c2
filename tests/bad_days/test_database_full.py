"""The disk is full: nothing is acknowledged that was not stored, and everything goes on when there is room again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store import tables
from app.worker.lanes import attempt
from app.worker.once import work_once
from tests.bad_days.house import House, phone, until
from tests.servers.service import free_port
from tests.web.line import Line

MB = 1024 * 1024
ANN, BEN = phone(1), phone(2)


@contextmanager
def no_room(pids: list[int], most: int) -> Iterator[None]:
    """These processes can make no file longer than `most` bytes, as if the disk ended there."""
    _limit(pids, str(most))
    try:
        yield
    finally:
        _limit(pids, "unlimited")


def _limit(pids: list[int], most: str) -> None:
    for pid in pids:
        # As the user whose process it is: PostgreSQL runs as one of its own.
        user = Path(f"/proc/{pid}").stat().st_uid
        subprocess.run(["prlimit", "--pid", str(pid), f"--fsize={most}:unlimited"], user=user, check=True)


def test_sqlite_without_room_and_with_room_again(house: House) -> None:
    run = house.start("run", port=free_port())
    assert house.text(run, "怎么还钱", ANN) == 200
    until(lambda: len(house.sent_to(ANN)) == 1, "the first answer did not leave")
    sids = [house.sid() for _ in range(40)]
    with no_room(run.pids, 4096):
        refused = [sid for sid in sids if house.text(run, "帮助", BEN, sid) == 503]
        assert refused, "the disk was never full"
        told = house.ask(run, "/health/ready")
        assert (told.status, b"could not be stored" in told.data) == (503, True)
        assert house.ask(run, "/health/live").status == 200
        lines = run.log.count("\n")
    for sid in refused:
        assert house.text(run, "帮助", BEN, sid) == 200
    until(lambda: house.ask(run, "/health/ready").status == 200, "it stays unwell")
    until(lambda: len(house.sent_to(BEN)) >= 1, "nothing leaves any more")
    assert lines < 100, run.log
    assert "Traceback" not in run.log


def fill(line: Line, megabytes: int) -> None:
    """Makes the table of texts that long, so that it alone meets the limit."""
    with line.service.database.begin() as connection:
        connection.execute(text("ALTER TABLE inbound ALTER COLUMN body SET STORAGE PLAIN"))
        connection.execute(
            text(
                "INSERT INTO inbound (gateway, gateway_id, phone, recipient, body, media, keyword, raw, received_at,"
                " state, attempts, reason) SELECT 'old', n::text, '+1', '+2', repeat('x', 7900), 0, '', '{}', now(),"
                " 'taken', 0, '' FROM generate_series(1, :rows) AS n"
            ),
            {"rows": megabytes * 145},
        )


def backends(line: Line) -> list[int]:
    with line.service.database.begin() as connection:
        found = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return list(connection.execute(found).scalars())


@pytest.mark.postgres
def test_postgres_without_room_and_with_room_again(line: Line) -> None:
    """The servers of our connections cannot lengthen a file beyond 17 MB: its log has files of 16."""
    fill(line, 18)
    assert line.text("怎么还钱").status_code == 200
    forms = [line.form("帮助", From=phone(number)) for number in range(60)]
    with no_room(backends(line), 17 * MB):
        codes = [line.post(form).status_code for form in forms]
        refused = [form for form, code in zip(forms, codes, strict=True) if code == 503]
        assert refused, "the disk was never full"
        assert set(codes) <= {200, 503}
        assert attempt("everything", lambda: work_once(line.service)) >= 0
        told = line.web.get("/health/ready")
        assert told.status_code == 503
    acknowledged = len(forms) - len(refused)
    assert len(line.rows(tables.Inbound)) == 1 + acknowledged + 18 * 145
    assert [line.post(form).status_code for form in refused] == [200] * len(refused)
    line.pump()
    assert line.web.get("/health/ready").status_code == 200
    assert sorted({sent["To"][0] for sent in line.twilio.requests} & {form["From"] for form in forms}) == sorted(
        phone(number) for number in range(60)
    )
