"""Is it alive, is it ready, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.clock import Clock
from tests.gateways.stand_in import TwilioStandIn
from tests.web.line import Line


@pytest.fixture
def empty(tmp_path: Path, clock: Clock, twilio: TwilioStandIn) -> Iterator[Line]:
    """A service over a database to which no migration was applied."""
    line = Line(f"sqlite:///{tmp_path / 'empty.db'}", clock, twilio)
    yield line
    line.service.database.close()


def gone(line: Line) -> None:
    """The database's file is no database any more, as when a disk has gone."""
    line.service.database.close()
    name = line.service.database.url.database
    assert name
    for path in Path(name).parent.glob(Path(name).name + "*"):
        path.unlink()
    Path(name).mkdir()


def test_a_service_that_can_work_says_so(line: Line) -> None:
    live, ready = line.web.get("/health/live"), line.web.get("/health/ready")
    assert (live.status_code, live.json) == (200, {"status": "live"})
    assert (ready.status_code, ready.json) == (200, {"status": "ready", "reasons": []})


def test_a_service_without_its_tables_is_live_and_not_ready(empty: Line) -> None:
    assert empty.web.get("/health/live").status_code == 200
    ready = empty.web.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json
    (reason,) = ready.json["reasons"]
    assert "huifu migrate" in reason


@pytest.mark.parametrize(("version", "status"), [("0001", 503), ("9999", 200)])
def test_tables_may_be_newer_than_the_code_and_not_older(line: Line, version: str, status: int) -> None:
    """A migration suits the code that still runs: during a deploy the old processes must stay in service."""
    with line.service.database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    ready = line.web.get("/health/ready")
    assert ready.status_code == status
    assert ready.json
    assert [version in reason for reason in ready.json["reasons"]] == ([True] if status == 503 else [])


def test_a_service_whose_database_is_gone_is_live_and_not_ready(line: Line) -> None:
    gone(line)
    assert line.web.get("/health/live").status_code == 200
    ready = line.web.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json
    assert ready.json["status"] == "not ready"
    assert "database" in ready.json["reasons"][0]


def test_what_cannot_be_stored_is_not_acknowledged(line: Line) -> None:
    """The one case in which the gateway hears of a failure: it then tries again, or its fallback does."""
    gone(line)
    for answer in (line.text("TD"), line.status("SM1", "sent"), line.status("SM1", "sent", 1)):
        assert (answer.status_code, answer.mimetype) == (503, "text/plain")
        assert "Traceback" not in answer.text
    assert line.twilio.requests == []


def test_what_this_process_counted_is_told_without_a_database(line: Line) -> None:
    gone(line)
    line.text("TD")
    answer = line.web.get("/metrics")
    assert answer.status_code == 200
    assert 'huifu_inbound_total{outcome="lost"}' in answer.text
    assert "huifu_waiting{" not in answer.text


@pytest.mark.parametrize("path", ["/health", "/health/", "/metrics/", "/health/ready/x"])
def test_other_paths_tell_nothing(line: Line, path: str) -> None:
    assert line.web.get(path).status_code == 404
