"""`huifu care results` at a terminal and for scripts."""

from __future__ import annotations

import calendar
import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.store.database import Database
from app.store.migrate import upgrade
from tests.handlers.care.outcomes import text


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/huifu.db"
    upgrade(url)
    opened = Database(url, threads=1)
    yield opened
    opened.close()


@pytest.fixture
def filled(database: Database) -> Database:
    now = datetime.now(UTC)
    for place in range(20):
        text(database, now - timedelta(days=1), answers=("chosen",) if place < 5 else ("refused",) if place < 7 else ())
    text(database, now, state="held", reason="gate")
    text(database, now - timedelta(days=90), "birthday")
    return database


def run(database: Database, *words: str) -> Result:
    settings = {"DATABASE_URL": str(database.url), "GATEWAY": "simulator"}
    return CliRunner(env=settings).invoke(main, ["care", "results", *words])


def test_the_table_for_a_person(filled: Database) -> None:
    found = run(filled)
    assert found.exit_code == 0, found.output
    [line] = [line for line in found.output.splitlines() if "settled" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == ["settled", "21", "20", "0", "7 35.0%", "0", "2 10.0%"]
    assert "birthday" not in found.output


def test_one_programme(filled: Database) -> None:
    found = run(filled, "settled")
    assert found.exit_code == 0, found.output
    for name in ("hour", "weekday", "segment", "language", "variant", "template"):
        assert name in found.output
    assert any(day in found.output for day in calendar.day_name)
    assert "held, gate: 1" in found.output


def test_for_scripts(filled: Database) -> None:
    told = json.loads(run(filled, "--json").output)
    assert (told["programmes"]["settled"]["planned"], told["programmes"]["settled"]["annoyed"]) == (21, 2)
    assert told["held"] == {"settled": {"gate": 1}}
    one = json.loads(run(filled, "settled", "--json").output)
    assert (one["programme"], one["total"]["chosen"], one["by"]["template"]["settled@0"]["queued"]) == (
        "settled",
        5,
        20,
    )


@pytest.mark.parametrize(("words", "first"), [((), "programme"), (("settled",), "by")])
def test_as_a_file(filled: Database, words: tuple[str, ...], first: str) -> None:
    output = run(filled, *words, "--csv").output
    assert output.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(output[1:])))
    assert next(iter(rows[0])) == first
    assert (rows[0]["planned"], rows[0]["refused_share"]) == ("21", "0.1000")


def test_days_are_chosen(filled: Database) -> None:
    since = f"{datetime.now(UTC) - timedelta(days=100):%Y-%m-%d}"
    assert "birthday" in run(filled, "--since", since).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no_such",), "There is no programme 'no_such'; there are "),
        (("--since", "2020-01-01"), "--since: at most 366 days are counted at once."),
        (("--since", "2026-06-02", "--until", "2026-06-01"), "--until: the last day is before the first."),
        (("--json", "--csv"), "Give --json or --csv, not both."),
        (("--since", "yesterday"), "Invalid value for '--since'"),
    ],
)
def test_what_is_wrong_is_said(database: Database, words: tuple[str, ...], said: str) -> None:
    found = run(database, *words)
    assert found.exit_code == 2
    assert said in found.output


def test_help_has_an_example(database: Database) -> None:
    assert "huifu care results birthday --since" in run(database, "--help").output
