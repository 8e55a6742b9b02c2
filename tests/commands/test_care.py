"""`huifu care` as somebody at a terminal, or a script, meets it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from app.care.programmes import shipped
from app.cli import main
from app.handlers.care.planning import LEASE
from app.store import plans, tables
from app.store.database import Database
from app.store.migrate import upgrade
from tests.handlers.care.bank import customer, phone

ZONE = ZoneInfo("Asia/Shanghai")
TOMORROW = (datetime.now(ZONE) + timedelta(days=1)).date()
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/huifu.db"
    upgrade(url)
    opened = Database(url, threads=1)
    yield opened
    opened.close()


def born(database: Database, count: int, **facts: Any) -> None:
    """So many customers whose birthday is tomorrow: then all windows of a day are still to come."""
    with database.begin() as connection:
        for number in range(1, count + 1):
            customer(connection, number, birthday=TOMORROW.replace(year=1988), **facts)


def run(database: Database, *words: str, **settings: str) -> Result:
    return CliRunner().invoke(main, ["care", *words], env={"DATABASE_URL": str(database.url), **settings})


def said(database: Database, *words: str) -> Any:
    done = run(database, *words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def rows(database: Database, table: type[tables.Base]) -> list[Any]:
    with database.begin() as connection:
        return list(connection.execute(select(*table.__table__.columns)))


def test_all_programmes_are_off_until_somebody_switches_them_on(database: Database) -> None:
    listed = said(database, "list")
    assert [one["key"] for one in listed["programmes"]] == list(shipped())
    assert not any(one["on"] for one in listed["programmes"]) and listed["runs"] == []
    assert run(database, "preview").stdout.startswith("No programme is on; name one with --programme KEY")
    assert run(database, "run").stdout.endswith("No programme is on; switch one on with: huifu care on KEY\n")


def test_from_a_preview_to_a_plan_and_back(database: Database) -> None:
    born(database, 2)
    with database.begin() as connection:
        customer(connection, 3, consent="refused", birthday=TOMORROW.replace(year=1984))
    day = ("--day", TOMORROW.isoformat())
    told = said(database, "preview", "--programme", "birthday", *day)
    birthday = told["programmes"]["birthday"]
    assert (told["customers"], birthday["on"]) == (3, False)
    assert birthday["outcomes"] == {"planned": 2, "refused": 1}
    assert birthday["samples"]["refused"] == [{"customer": "C00003", "tail": phone(3)[-4:], "due_at": None}]
    assert sum(birthday["hours"].values()) == 2
    assert rows(database, tables.Occasion) == rows(database, tables.PlanRun) == rows(database, tables.Option) == []

    assert (
        run(database, "on", "birthday", "--yes-number", "3", "--as", "eve").stdout == "The programme birthday is on.\n"
    )
    assert run(database, "on", "birthday", "--as", "eve").stdout == "The programme birthday was on already.\n"
    planned = said(database, "run", *day, "--as", "eve")
    assert (planned["customers"], planned["planned"], planned["state"]) == (3, 2, "done")
    assert planned["reasons"] == {"birthday": {"refused": 1}}
    assert said(database, "run", *day, "--as", "bob") == planned
    assert said(database, "run", *day, "--again", "--as", "bob")["reasons"] == {
        "birthday": {"already_planned": 2, "refused": 1}
    }
    assert run(database, "off", "birthday", "--as", "eve").stdout == "The programme birthday is off.\n"
    assert {(row.state, row.reason) for row in rows(database, tables.Occasion)} == {("held", "stopped")}
    assert [(row.actor, row.action) for row in rows(database, tables.Audit)] == [
        ("eve", "programme.on"),
        ("eve", "plan.start"),
        ("bob", "plan.start"),
        ("eve", "programme.off"),
    ]


def test_a_person_reads_tables_without_a_whole_number(database: Database) -> None:
    born(database, 2, name="王建国")
    day = ("--day", TOMORROW.isoformat())
    run(database, "on", "birthday", "--yes-number", "2", "--as", "eve")
    shown = "".join(
        run(database, *words).stdout
        for words in (
            ("list",),
            ("preview", *day),
            ("preview", "--programme", "settled", *day),
            ("preview", "--customer", "C00001", *day),
            ("run", *day, "--as", "eve"),
            ("list",),
        )
    )
    for expected in ("生日祝福", "birthday", "eve", "Nothing was written.", f"…{phone(1)[-4:]}", "█", "not_due"):
        assert expected in shown
    assert f"{TOMORROW}: 2 texts are planned for 2 customers." in shown
    assert "wait for their slot" not in shown
    again = run(database, "run", *day, "--again", "--as", "eve").stdout
    assert "With those of before, 2 texts wait for their slot." in again


def test_one_customer_is_explained_through_all_programmes(database: Database) -> None:
    born(database, 1)
    told = said(database, "preview", "--customer", "C00001", "--day", TOMORROW.isoformat())
    assert list(told["programmes"]) == list(shipped())
    birthday = told["programmes"]["birthday"]
    assert (birthday["outcome"], birthday["on"], birthday["occasion"]) == ("planned", False, f"birthday:{TOMORROW}")
    assert datetime.fromisoformat(birthday["due_at"]).astimezone(ZONE).date() == TOMORROW
    assert told["programmes"]["settled"]["outcome"] == "not_due"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("preview", "--customer", "C9"), "There is no customer 'C9'; --customer takes a customer_id of "),
        (("preview", "--programme", "gifts"), "There is no programme 'gifts'; there are "),
        (("on", "gifts"), "There is no programme 'gifts'; there are "),
        (("off", "gifts"), "There is no programme 'gifts'; there are "),
        (("run", "--programme", "gifts"), "There is no programme 'gifts'; there are "),
        (("run", "--programme", "birthday"), "The programme birthday is off; switch it on with: huifu care on b"),
        (("run", "--day", "2020-01-01"), "2020-01-01 is over; plan "),
        (("on", "birthday"), "The programme birthday is meant for 2 of 2 customers. Confirm it with --yes-number 2.\n"),
        (("on", "birthday", "--yes-number", "3"), "The programme birthday is meant for 2 of 2 customers. Confirm"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_sentence(database: Database, words: tuple[str, ...], says: str) -> None:
    born(database, 2)
    done = run(database, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(says) and done.stderr.count("\n") == 1


def test_one_that_stopped_itself_goes_on_for_a_reason(database: Database) -> None:
    run(database, "on", "birthday")
    with database.begin() as connection:
        stopped = update(tables.Option).values(value={"on": False, "stopped": "refusals", "told": {}})
        connection.execute(stopped.where(tables.Option.name == "programme:birthday"))
    assert {one["key"]: one["stopped"] for one in said(database, "list")["programmes"]}["birthday"] == "refusals"
    assert "stopped: " in run(database, "list").stdout
    done = run(database, "on", "birthday")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "stopped itself because customers refused it; say why it may go on, with --because.\n" in done.stderr
    done = run(database, "on", "birthday", "--because", "")
    assert done.exit_code == 2 and done.stderr.startswith("--because: say in ")
    assert run(database, "on", "birthday", "--because", "new words since Monday").exit_code == 0
    assert rows(database, tables.Audit)[-1].detail["because"] == "new words since Monday"


@pytest.mark.parametrize("other", ["", "birthday"])
def test_while_another_process_plans_a_run_stops_with_a_sentence(database: Database, other: str) -> None:
    born(database, 1)
    run(database, "on", "birthday", "--yes-number", "1")
    now = datetime.now(UTC)
    with database.begin() as connection:
        assert plans.take(connection, TOMORROW, other, asked_by="other", now=now, lease=now + LEASE)
    done = run(database, "run", "--day", TOMORROW.isoformat())
    assert (done.exit_code, done.stderr) == (1, f"Another process plans {TOMORROW} and is at customer 0; let it end.\n")


@pytest.mark.parametrize(("typed", "ends"), [("2", "The programme birthday is on."), ("20", "the programme stays off")])
def test_at_a_terminal_the_number_is_typed(database: Database, typed: str, ends: str) -> None:
    born(database, 2)
    ours, theirs = pty.openpty()
    program = "from app.cli import main; main(prog_name='huifu')"
    command = [sys.executable, "-c", program, "care", "on", "birthday", "--as", "eve"]
    environment = {**os.environ, "DATABASE_URL": str(database.url), "NO_COLOR": "1"}
    pipes = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    asked = subprocess.Popen(command, cwd=CHECKOUT, env=environment, **pipes)
    os.write(ours, f"{typed}\n".encode())
    told = asked.communicate(timeout=60)[0].decode()
    os.close(ours)
    os.close(theirs)
    assert "The programme birthday is meant for 2 of 2 customers. Type that number" in told
    assert ends in re.sub(r"\s+", " ", told)
    assert bool(rows(database, tables.Audit)) == (typed == "2")
