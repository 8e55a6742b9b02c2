"""The real parts that other tests stand on start, are empty, and keep apart what they must keep apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from tests.clock import Clock
from tests.servers.postgres import Postgres


def tables(url: str) -> list[str]:
    engine = create_engine(url)
    try:
        return sorted(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def with_a_table(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE prepared (id int)"))
    engine.dispose()


@pytest.mark.postgres
def test_every_database_is_empty_and_alone(fresh_postgres_url: Callable[..., str]) -> None:
    first, second = fresh_postgres_url(), fresh_postgres_url()
    with_a_table(first)
    assert tables(first) == ["prepared"]
    assert tables(second) == []


@pytest.mark.postgres
def test_a_prepared_database_is_copied_not_shared(fresh_postgres_url: Callable[..., str]) -> None:
    first, second = fresh_postgres_url(with_a_table), fresh_postgres_url(with_a_table)
    assert make_url(first).database != make_url(second).database
    assert tables(first) == tables(second) == ["prepared"]


@pytest.mark.postgres
def test_a_database_can_be_dropped_under_an_open_connection(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    held = psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
    postgres.drop([url])
    with pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")


@pytest.mark.browser
def test_the_browser_runs_scripts_and_draws_chinese(page: Page) -> None:
    page.set_content("<p id=word></p><script>word.textContent = '回复'</script>")
    assert page.locator("#word").inner_text() == "回复"
    drawn = page.evaluate(
        """() => {
            const context = document.createElement('canvas').getContext('2d');
            context.font = '40px sans-serif';
            context.fillText('回', 0, 40);
            const first = context.canvas.toDataURL();
            context.clearRect(0, 0, 300, 150);
            context.fillText('复', 0, 40);
            return first !== context.canvas.toDataURL();
        }"""
    )
    assert drawn, "both characters look the same: this machine has no Chinese font (fonts-noto-cjk)"


def test_the_clock_moves_only_when_told(clock: Clock) -> None:
    before = clock()
    assert clock() == before
    assert clock.advance(minutes=5, seconds=1) == before + timedelta(minutes=5, seconds=1) == clock()
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock() == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_clock_refuses_what_has_no_meaning(clock: Clock) -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is what is tested
    with pytest.raises(ValueError, match="advances"):
        clock.advance(seconds=-1)
