"""`huifu care status`: the pace, in words and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.commands.care_status import tell
from app.handlers.care.pace import Pace, pace
from tests.clock import Clock
from tests.handlers.care.campaign import invited, planned, switch_on
from tests.handlers.staff import hire
from tests.rig import Rig, sqlite_url


@pytest.fixture
def told(tmp_path: Path, clock: Clock) -> Pace:
    """A text waits for an agent who is not there."""
    rig = Rig(sqlite_url(tmp_path), clock)
    invited(rig)
    switch_on(rig, "appointment_missed")
    planned(rig, programme="appointment_missed")
    hire(rig, "li", alive=False, status="available")
    found = pace(rig.service)
    rig.close()
    return found


def test_it_tells_what_waits_and_for_whom(told: Pace, capsys: pytest.CaptureFixture[str]) -> None:
    tell(told, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "agents have 0 of 0 seats free, 0 customers wait for one, a talk takes 8 minutes;"
        " texts under way will bring 0.0 more",
        "appointment_missed: 1 due, none may go now: agents have no room for the replies that it would bring"
        " (5.0% of its texts end with a person)",
    ]
    tell(told, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["programmes"][0]["may_go"] == 0
    assert found["desk"]["seats"] == 0


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_when_nothing_is_due(tmp_path: Path, clock: Clock, words: tuple[str, ...]) -> None:
    Rig(sqlite_url(tmp_path), clock).close()
    told = CliRunner().invoke(main, ["care", "status", *words], env={"DATABASE_URL": sqlite_url(tmp_path)})
    assert told.exit_code == 0, told.output
    last = told.output.splitlines()[-1]
    assert json.loads(last)["programmes"] == [] if words else last == "no planned text is due"
