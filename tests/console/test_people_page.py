from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.handlers.accounts import sign_in
from app.handlers.people_set import NotAllowed, disable
from app.store import agents, tables
from tests.console.conftest import SignedIn, text_of
from tests.rig import Rig


def row(desk: Rig, name: str) -> Any:
    return next(one for one in desk.rows(tables.Agent) if one.name == name)


def act(seat: Any, person: int, name: str, **more: str) -> Any:
    return seat.post(f"/console/people/{person}/act", data={"act": name, **more})


def test_people_are_listed_with_what_they_do(desk: Rig, signed_in: SignedIn, person: Callable[..., int]) -> None:
    person("小李", skills="quota,repayment", status="available", alive_until=desk.clock.advance(minutes=5))
    person("审计", "auditor")
    page = text_of(signed_in("supervisor", interface="en").get("/console/people"))
    assert "小李" in page and "Credit limit, Repayment" in page and "0/4" in page and "审计" in page
    assert "takes every topic" in page and "huifu agents" in page


def test_a_person_is_added_and_signs_in_with_the_password_that_is_shown_once(
    desk: Rig, signed_in: SignedIn, audited: Any
) -> None:
    supervisor = signed_in("supervisor")
    form = {
        "name": "小陈",
        "role": "agent",
        "most_open": "3",
        "skills": ["quota", "nonsense"],
        "languages": ["en", "fr"],
    }
    with audited("agent.add", by="张主管"):
        page = supervisor.post("/console/people", data=form)
    assert page.headers["Cache-Control"] == "no-store"
    password = re.search(r'id="password">([^<]+)<', page.text)
    assert password is not None
    made = row(desk, "小陈")
    assert (made.role, made.skills, made.languages, made.most_open, made.must_change) == (
        "agent",
        "quota",
        "en",
        3,
        True,
    )
    assert sign_in.with_password(desk.service, "小陈", password[1]).owes == "password"
    assert password[1] not in supervisor.get("/console/people").text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "A name has 1 to 50 characters."),
        ({"name": "名" * 51}, "A name has 1 to 50 characters."),
        ({"name": "张主管"}, "Somebody has this name already."),
        ({"most_open": "0"}, "A whole number from 1 to 50."),
        ({"most_open": "many"}, "A whole number from 1 to 50."),
        ({"role": "auditor"}, "seen to at a terminal"),
        ({"role": "root"}, "seen to at a terminal"),
    ],
)
def test_a_bad_account_comes_back_with_its_sentence(
    desk: Rig, signed_in: SignedIn, changed: dict[str, str], sentence: str
) -> None:
    form = {"name": "小陈", "role": "agent", "most_open": "7", "skills": ["quota"], **changed}
    page = signed_in("supervisor", interface="en").post("/console/people", data=form)
    assert page.status_code == 422 and sentence in text_of(page)
    assert f'value="{form["most_open"]}"' in page.text and 'value="quota" checked' in page.text
    assert len(desk.rows(tables.Agent)) == 1


def test_work_is_changed(desk: Rig, signed_in: SignedIn, person: Callable[..., int], audited: Any) -> None:
    one = person("小李")
    supervisor = signed_in("supervisor")
    form = {"skills": ["fraud", "complaint"], "languages": ["zh-CN"], "most_open": "6"}
    with audited("agent.work", by="张主管"):
        supervisor.post(f"/console/people/{one}/work", data=form)
        supervisor.post(f"/console/people/{one}/work", data=form)  # the same again is nothing
    found = row(desk, "小李")
    assert (found.skills, found.languages, found.most_open) == ("complaint,fraud", "zh-CN", 6)
    page = signed_in("supervisor", interface="en").post(f"/console/people/{one}/work", data={**form, "most_open": "99"})
    assert page.status_code == 422 and 'value="99"' in page.text


def test_away_unlock_sessions_and_password(
    desk: Rig, signed_in: SignedIn, person: Callable[..., int], audited: Any
) -> None:
    agent = signed_in("agent", status="available", locked_until=None)
    one = row(desk, "小李").id
    supervisor = signed_in("supervisor")
    assert agent.get("/console/account").status_code == 200
    with audited("agent.status", "agent.end_sessions", "agent.unlock", "agent.reset", by="张主管"):
        act(supervisor, one, "away")
        act(supervisor, one, "end_sessions")
        person("小李", locked_until=desk.clock(), wrong=5)
        act(supervisor, one, "unlock")
        page = act(supervisor, one, "reset")
    assert agent.get("/console/account").status_code == 302
    found = row(desk, "小李")
    assert (found.status, found.wrong, found.must_change) == ("away", 0, True)
    assert 'id="password"' in page.text


def test_an_account_is_closed_and_opened_again(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    agent = signed_in("agent")
    one = row(desk, "小李").id
    supervisor = signed_in("supervisor")
    with audited("agent.disable", "agent.enable", by="张主管"):
        act(supervisor, one, "disable")
        assert agent.get("/console/account").status_code == 302
        act(supervisor, one, "enable")
    assert row(desk, "小李").disabled_at is None


def test_nobody_changes_their_own_role_or_closes_themselves(desk: Rig, signed_in: SignedIn) -> None:
    supervisor = signed_in("supervisor", interface="en")
    me = row(desk, "张主管").id
    for name, more in (("disable", {}), ("role", {"role": "agent"}), ("reset", {})):
        answer = act(supervisor, me, name, **more)
        assert answer.status_code == 409 and "Nobody does this to themselves" in text_of(answer)
    assert desk.rows(tables.Audit) == []


def test_a_role_changes_and_ends_the_sessions(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    agent = signed_in("agent")
    one = row(desk, "小李").id
    with audited("agent.role"):
        act(signed_in("supervisor"), one, "role", role="supervisor")
    assert row(desk, "小李").role == "supervisor" and agent.get("/console/account").status_code == 302
    assert act(signed_in("supervisor"), one, "role", role="auditor").status_code == 409


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_operators_and_auditors_are_out_of_reach(
    desk: Rig, signed_in: SignedIn, person: Callable[..., int], role: str
) -> None:
    one = person("别人", role)
    supervisor = signed_in("supervisor")
    for name in ("away", "unlock", "end_sessions", "disable", "enable", "reset"):
        assert act(supervisor, one, name).status_code == 409
    assert supervisor.post(f"/console/people/{one}/work", data={"most_open": "3"}).status_code == 409
    assert desk.rows(tables.Audit) == []


def test_the_last_supervisor_stays(desk: Rig, signed_in: SignedIn, person: Callable[..., int]) -> None:
    signed_in("supervisor")
    other = person("李主管", "supervisor")
    with desk.service.database.begin() as connection:
        actor, second = (agents.agent(agents.by_name(connection, name)) for name in ("张主管", "李主管"))
    disable(desk.service, actor, other)
    with pytest.raises(NotAllowed, match="last"):
        disable(desk.service, second, actor.id)  # a page that was open when the account was closed
    assert row(desk, "张主管").disabled_at is None


def test_an_unknown_person_or_act_is_refused(desk: Rig, signed_in: SignedIn) -> None:
    supervisor = signed_in("supervisor")
    assert act(supervisor, 999, "disable").status_code == 404
    assert act(supervisor, row(desk, "张主管").id, "promote").status_code == 400
