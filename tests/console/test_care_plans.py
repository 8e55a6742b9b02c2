from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from app.handlers.care import planning, switches
from app.handlers.care.daily import look_after_programmes
from app.rules.pressure import Rest
from app.store import tables
from app.web.console.care.plans_said import RESTS
from tests.console.conftest import SignedIn, text_of
from tests.handlers.talk import ANN, BEN
from tests.rig import Rig

HOME = "/console/care/plans"
TODAY = date(2026, 6, 10)
START = {"scope": "", "sure": "yes"}


@pytest.fixture
def on(desk: Rig) -> None:
    """The birthday programme is on, and it is Ann's; Ben has another day."""
    desk.customer(ANN, birthday=date(1990, 6, 10))
    desk.customer(BEN, "C2", birthday=date(1985, 1, 1))
    desk.say(ANN, "HF")
    switches.switch(desk.service, "运营", "birthday", True, expected=2)


@pytest.mark.parametrize("role", ["operator", "supervisor", "auditor"])
def test_before_the_first_run_the_page_says_what_comes(desk: Rig, signed_in: SignedIn, role: str) -> None:
    said = text_of(signed_in(role, interface="en").get(HOME))
    assert "No run yet" in said and "The sender takes what comes" in said and "No text is due now." in said


@pytest.mark.usefixtures("on")
def test_a_run_is_told_with_its_numbers_and_reasons(desk: Rig, signed_in: SignedIn) -> None:
    planning.plan(desk.service, TODAY, asked_by="clock")
    said = text_of(signed_in("auditor", interface="en").get(HOME))
    assert "1 text planned, of 2 customers looked at" in said and "done" in said and "by itself" in said
    assert "nothing has happened, or too long ago" in said and "Wednesday, June 10, 2026" in said


@pytest.mark.usefixtures("on")
def test_a_run_is_started_by_hand_and_carried_out_by_the_worker(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator", interface="en")
    with audited("plan.start", by="运营"):
        assert operator.post(HOME, data={**START, "scope": "birthday"}).status_code == 303
    page = operator.get(HOME)
    assert "running" in text_of(page) and "<progress" in page.text and 'hx-trigger="every 3s"' in page.text
    part = operator.htmx(HOME)
    assert "<html" not in part.text and "asked by 运营" in text_of(part)
    while look_after_programmes(desk.service):
        pass
    assert {run.state for run in desk.rows(tables.PlanRun)} == {"done"}
    assert len(desk.rows(tables.Occasion)) == 1
    ended = operator.htmx(HOME)
    assert ended.status_code == 204 and ended.headers["HX-Refresh"] == "true"
    assert 'hx-trigger="every 3s"' not in operator.get(HOME).text


@pytest.mark.usefixtures("on")
def test_a_run_that_is_done_is_done_once_more_and_plans_nobody_twice(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    planning.plan(desk.service, TODAY, asked_by="clock")
    desk.clock.advance(seconds=1)
    operator.post(HOME, data=START)
    while look_after_programmes(desk.service):
        pass
    [run] = desk.rows(tables.PlanRun)
    assert (run.state, run.asked_by, run.seen, run.planned) == ("done", "运营", 2, 0)
    assert len(desk.rows(tables.Occasion)) == 1


@pytest.mark.usefixtures("on")
def test_while_a_planner_is_at_it_nobody_starts_another(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator", interface="en")
    operator.post(HOME, data=START)
    with desk.service.database.begin() as connection:
        connection.execute(update(tables.PlanRun).values(lease_until=desk.clock().replace(hour=23)))
    with audited():
        assert operator.post(HOME, data=START).status_code == 303
    assert "A planner is at it already." in text_of(operator.get(HOME))


@pytest.mark.usefixtures("on")
def test_a_run_that_somebody_left_says_that_it_goes_on(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    operator.post(HOME, data=START)
    with desk.service.database.begin() as connection:
        connection.execute(update(tables.PlanRun).values(seen=1, cursor="C1"))
    said = text_of(operator.get(HOME))
    assert "goes on by itself" in said and "of 1 customers looked at" in said


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"scope": "", "sure": ""}, 422, "Tick the box"),
        ({"scope": "nobody", "sure": "yes"}, 422, "There is no such programme."),
        ({"scope": "settled", "sure": "yes"}, 409, "It is off. Switch it on first."),
    ],
)
@pytest.mark.usefixtures("on")
def test_a_run_that_cannot_be_started_says_why(
    desk: Rig, signed_in: SignedIn, form: dict[str, str], status: int, sentence: str
) -> None:
    answer = signed_in("operator", interface="en").post(HOME, data=form)
    assert answer.status_code == status and sentence in text_of(answer)
    assert desk.rows(tables.PlanRun) == []


def test_with_everything_off_there_is_nothing_to_start(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    assert "there is nothing to plan" in text_of(operator.get(HOME))
    assert operator.post(HOME, data=START).status_code == 409


def test_only_operators_are_shown_the_start(desk: Rig, signed_in: SignedIn) -> None:
    for role in ("supervisor", "auditor"):
        assert f'action="{HOME}"' not in signed_in(role).get(HOME).text


@pytest.mark.usefixtures("on")
def test_the_pace_is_told_of_each_programme_with_texts_that_are_due(desk: Rig, signed_in: SignedIn) -> None:
    planning.plan(desk.service, TODAY, asked_by="clock")
    [planned] = desk.rows(tables.Occasion)
    desk.clock.set(planned.due_at)
    said = text_of(signed_in("operator", interface="en").get(HOME))
    assert "Birthday: " in said and "No text is due now." not in said


def test_every_rest_has_its_words() -> None:
    from typing import get_args

    assert set(RESTS) == set(get_args(Rest)) - {""}
