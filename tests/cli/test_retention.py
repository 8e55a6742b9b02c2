"""`huifu retention`: tells first, drops when told to, and does it daily by itself where the bank has chosen so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from app.cli import main
from app.handlers.past_its_time import DROPPED, keep_house
from app.store import kept, retention, tables
from app.store.database import Database
from app.store.migrate import upgrade
from tests.clock import Clock
from tests.rig import Rig, sqlite_url


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/huifu.db"
    upgrade(url)
    opened = Database(url, threads=1)
    yield opened
    opened.close()


def traces(database: Database, *at: datetime) -> None:
    with database.begin() as connection:
        rows = [{"phone": "+861", "event": "heard", "detail": {}, "at": moment} for moment in at]
        connection.execute(insert(tables.Trace), rows)


def count(database: Database, table: type[tables.Base] = tables.Trace) -> int:
    with database.begin() as connection:
        return len(connection.execute(select(table.__table__.columns["id"])).all())


def run(database: Database, *words: str, **settings: str) -> Result:
    environment = {"DATABASE_URL": str(database.url), **settings}
    return CliRunner().invoke(main, ["retention", *words], env=environment)


NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=800)


def test_it_tells_and_changes_nothing_unless_told_to(database: Database) -> None:
    traces(database, OLD, OLD, NOW)
    done = run(database)
    assert done.exit_code == 0
    assert "would go" in done.stdout and f"{OLD:%Y-%m-%d}" in done.stdout
    assert "Nothing was dropped; do it with: huifu retention --drop" in done.stdout
    assert count(database) == 3
    done = run(database, "--drop")
    assert done.exit_code == 0 and "gone" in done.stdout and "Nothing was dropped" not in done.stdout
    assert count(database) == 1
    assert "Nothing is past its time." in run(database, "--drop").stdout


def test_a_script_reads_the_report(database: Database) -> None:
    traces(database, OLD, NOW)
    with database.begin() as connection:
        waiting = {"kind": "flag", "topic": "", "place": "", "reason": "", "language": "", "agent": ""}
        connection.execute(insert(tables.Ticket).values(**waiting, phone="+862", state="waiting", opened_at=OLD))
        row: dict[str, Any] = {"gateway": "g", "recipient": "1", "body": "b", "media": 0, "raw": {}, "state": "taken"}
        texts = [{**row, "phone": "+862", "gateway_id": f"SM{n}", "received_at": OLD} for n in range(2)]
        connection.execute(insert(tables.Inbound), texts)
    told = json.loads(run(database, "--json").stdout)
    assert told["dropped"] is False
    assert set(told["kept_since"]) == {"texts", "consents", "audit"}
    by_table = {line["table"]: line for line in told["tables"]}
    assert by_table["trace"]["rows"] == 1
    assert by_table["trace"]["first"] == by_table["trace"]["last"] == OLD.isoformat()
    assert by_table["inbound"] == {
        "table": "inbound", "partition": None, "rows": 0, "first": None, "last": None,
        "stays": {kept.OPEN_TICKET: 2},
    }  # fmt: skip


def test_the_bank_chooses_how_long(database: Database) -> None:
    traces(database, NOW - timedelta(days=200), NOW)
    assert "Nothing is past its time." in run(database).stdout
    assert "trace" in run(database, RETENTION_MONTHS="6").stdout


def test_less_than_the_law_asks_for_stops_with_a_sentence(database: Database) -> None:
    done = run(database, "--drop", RETENTION_MONTHS="4")
    assert (done.exit_code, done.stderr) == (2, "RETENTION_MONTHS must be at least 5, not '4'.\n")


def test_a_second_run_at_the_same_time_stops_with_a_sentence(database: Database) -> None:
    with retention.alone(database):
        done = run(database, "--drop")
    assert done.exit_code == 1
    assert done.stderr == "Another process is dropping what is past its time; let it end.\n"


# ---- by itself ---------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("fresh_postgres_url")(upgrade))
    return sqlite_url(tmp_path)


def test_the_house_drops_once_a_day_where_the_bank_has_chosen_so(url: str, clock: Clock) -> None:
    rig = Rig(url, clock, retention="daily", retention_months=6)
    database = rig.service.database
    try:
        old = clock() - timedelta(days=300)
        traces(database, old, clock())
        keep_house(rig.service)
        assert count(database) == 1
        traces(database, old, clock())
        for _ in range(22):
            clock.advance(hours=1)
            keep_house(rig.service)
        assert count(database) == 3
        clock.advance(hours=1)
        keep_house(rig.service)
        assert count(database) == 2
        audit = [(row.actor, row.action) for row in rig.rows(tables.Audit)]
        assert audit == [("clock", DROPPED)] * 2
    finally:
        rig.close()


def test_the_house_drops_nothing_unless_the_bank_has_chosen_so(url: str, clock: Clock) -> None:
    rig = Rig(url, clock)
    try:
        traces(rig.service.database, clock() - timedelta(days=3000), clock())
        keep_house(rig.service)
        assert count(rig.service.database) == 2
    finally:
        rig.close()
