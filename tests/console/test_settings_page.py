from __future__ import annotations

from typing import Any

import pytest

from app.handlers import options
from app.store import tables
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig

ROUTING = {"mode": "offer", "seconds": "20"}
ACCESS = {"roles": ["supervisor", "auditor"], "idle_minutes": "20", "hours": "8"}


def test_the_defaults_stand_in_the_page(desk: Rig, signed_in: SignedIn) -> None:
    page = signed_in("operator", interface="en").get("/console/settings").text
    assert (
        'value="free" checked' in page
        and 'value="15" id="seconds"' in page
        and 'name="survey" value="yes" checked' in page
    )
    with desk.service.database.begin() as connection:
        assert options.routing(connection) == options.Routing("free", 15)
        assert options.access(connection) == options.Access(frozenset(), 30, 12)
        assert options.survey_wanted(connection)


def test_what_is_set_holds_and_is_audited(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator")
    with audited("routing.set", "second_factor.set", "sessions.set", "survey.set", by="运营"):
        assert operator.post("/console/settings/routing", data=ROUTING).status_code == 303
        assert operator.post("/console/settings/access", data=ACCESS).status_code == 303
        assert operator.post("/console/settings/survey", data={}).status_code == 303
    with desk.service.database.begin() as connection:
        assert options.routing(connection) == options.Routing("offer", 20)
        assert options.access(connection) == options.Access(frozenset({"supervisor", "auditor"}), 20, 8)
        assert not options.survey_wanted(connection)
    assert desk.rows(tables.Audit)[0].detail == {"from": {}, "to": {"mode": "offer", "seconds": 20}}
    assert {row.kind for row in desk.rows(tables.ConsoleEvent)} >= {"settings"}


def test_a_role_that_needs_a_second_factor_is_asked_for_it_at_once(desk: Rig, signed_in: SignedIn) -> None:
    supervisor = signed_in("supervisor")
    signed_in("operator").post("/console/settings/access", data=ACCESS)
    answer = supervisor.get("/console/people")
    assert answer.status_code == 303 and answer.location.endswith("/account/factor")


def test_a_session_ends_after_the_minutes_that_were_set(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator")
    operator.post("/console/settings/access", data={**ACCESS, "roles": [], "idle_minutes": "5"})
    desk.clock.advance(minutes=6)
    assert operator.get("/console/settings").status_code == 302


@pytest.mark.parametrize(
    ("path", "typed", "sentence"),
    [
        ("routing", {**ROUTING, "seconds": "4"}, "from 5 to 300"),
        ("routing", {**ROUTING, "seconds": "soon"}, "from 5 to 300"),
        ("routing", {**ROUTING, "seconds": "１５"}, "from 5 to 300"),
        ("routing", {**ROUTING, "mode": "raffle"}, "Choose one of the two."),
        ("access", {**ACCESS, "idle_minutes": "0"}, "from 5 to 480"),
        ("access", {**ACCESS, "hours": "25"}, "from 1 to 24"),
        ("access", {**ACCESS, "hours": ""}, "from 1 to 24"),
    ],
)
def test_bad_input_is_named_at_its_field(
    desk: Rig, signed_in: SignedIn, path: str, typed: dict[str, Any], sentence: str
) -> None:
    page = signed_in("operator", interface="en").post(f"/console/settings/{path}", data=typed)
    assert page.status_code == 422 and sentence in text_of(page)
    if path == "access":
        assert page.text.count("checked") >= 2  # the roles that were chosen
    assert desk.rows(tables.Option) == []


def test_a_role_that_is_none_is_left_out(desk: Rig, signed_in: SignedIn) -> None:
    signed_in("operator").post("/console/settings/access", data={**ACCESS, "roles": ["root", "agent"]})
    with desk.service.database.begin() as connection:
        assert options.access(connection).second_factor == {"agent"}
