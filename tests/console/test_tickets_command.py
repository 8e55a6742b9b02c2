"""`huifu tickets` beside a console that has people: who may take a ticket at the terminal, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.handlers import staff_watched
from app.handlers.demo_agents import add_demo_agents
from app.store import agents, tables
from tests.rig import Rig, sqlite_url

PHONE = "+8615400000001"
Huifu = Callable[..., Result]


@pytest.fixture
def huifu(desk: Rig, tmp_path: Path) -> Huifu:
    def run(*words: str) -> Result:
        environment = {"DATABASE_URL": sqlite_url(tmp_path), "SECRET_KEY": "rig"}
        return CliRunner().invoke(main, words, env=environment, prog_name="huifu")

    return run


@pytest.fixture
def ticket(desk: Rig) -> str:
    """Somebody waits; the clock is the real one, as at the terminal."""
    desk.clock.set(datetime.now(UTC))
    desk.say(PHONE, "转人工")
    return str(desk.rows(tables.Ticket)[0].id)


def holder(desk: Rig) -> str:
    return str(desk.rows(tables.Ticket)[0].agent)


@pytest.mark.parametrize("name", ["小季", "审计", "root"])
def test_a_name_that_takes_no_tickets_gets_none(desk: Rig, huifu: Huifu, ticket: str, name: str) -> None:
    add_demo_agents(desk.service.database, desk.clock())
    told = huifu("tickets", "claim", ticket, "--as", name)
    assert told.exit_code == 1
    assert "huifu agents list" in told.output
    assert holder(desk) == ""


def test_without_accounts_any_name_does(desk: Rig, huifu: Huifu, ticket: str) -> None:
    assert huifu("tickets", "claim", ticket, "--as", "root").exit_code == 0
    assert holder(desk) == "root"


def test_whoever_works_at_the_terminal_is_there_without_a_page(desk: Rig, huifu: Huifu, ticket: str) -> None:
    add_demo_agents(desk.service.database, desk.clock())
    with desk.service.database.begin() as connection:
        left = desk.clock() - timedelta(hours=1)
        agents.change(connection, agents.by_name(connection, "小李").id, alive_until=left)
    assert huifu("tickets", "claim", ticket, "--as", "小李").exit_code == 0
    desk.clock.advance(minutes=20)
    staff_watched.return_left_behind(desk.service)
    assert holder(desk) == "小李"
    desk.clock.advance(minutes=20)
    staff_watched.return_left_behind(desk.service)
    assert holder(desk) == ""


def test_times_fit_the_table(huifu: Huifu, ticket: str) -> None:
    told = huifu("tickets", "list").output
    assert "…0001" in told
    assert f"{datetime.now(UTC):%Y}-" not in told
