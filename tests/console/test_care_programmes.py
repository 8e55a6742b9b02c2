from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from app.care.programmes import shipped
from app.care.reasons import REASONS
from app.handlers.care import planning, switches
from app.store import tables
from app.web.console.care.programmes_named import NOT_SENT
from app.web.console.care.programmes_said import audience, lasts, occasion, window
from tests.console.conftest import Seat, SignedIn, text_of
from tests.handlers.talk import ANN, BEN
from tests.rig import Rig

HOME = "/console/care/programmes"
BIRTHDAY = f"{HOME}/birthday"
TODAY = date(2026, 6, 10)


@pytest.fixture
def born_today(desk: Rig) -> None:
    """Ann, whose birthday it is and who agreed to offers; Ben, who refused them."""
    desk.customer(ANN, birthday=date(1990, 6, 10))
    desk.customer(BEN, "C2", name="欧阳娜", title="女士", birthday=date(1985, 6, 10))
    desk.say(ANN, "HF")
    desk.say(BEN, "TD")


def switch(seat: Seat, act: str, expected: str = "", key: str = "birthday") -> Any:
    return seat.post(f"{HOME}/{key}/switch", data={"act": act, "expected": expected})


def is_on(desk: Rig, key: str = "birthday") -> bool:
    with desk.service.database.begin() as connection:
        return switches.state(connection, key).on


@pytest.mark.parametrize("role", ["operator", "supervisor", "auditor"])
def test_every_programme_is_listed_in_words(desk: Rig, signed_in: SignedIn, role: str) -> None:
    said = text_of(signed_in(role, interface="en").get(HOME))
    assert f"{len(shipped())} programmes 0 on" in said
    assert "15 days after: the loan was settled" in said and "the birthday, every year" in said
    assert "Wed, Fri 16:00–18:00" in said and "nothing yet" in said


def test_one_is_told_with_all_that_its_file_says(desk: Rig, signed_in: SignedIn) -> None:
    said = text_of(signed_in("auditor", interface="en").get(f"{HOME}/settled"))
    for what in ("may leave within 14 days", "every customer", "Handed in an application", "2% of those", "60"):
        assert what in said
    assert "when nobody followed the link within 2 hours" in said


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_programme_is_told_in_codes(desk: Rig, language: str) -> None:
    """Every file can be read by who does not write files: no name of a column, day, event or window stands there."""
    with desk.app.test_request_context("/console/", headers={"Accept-Language": language}):
        for key, one in shipped().items():
            said = " ".join([occasion(one.when), lasts(one.when), *audience(one.audience), *window(one)])
            assert not re.search(r"[a-z]_[a-z]|%\(|\{", said), (key, said)
            assert language == "en" or not re.search(r"[a-z]{3}", said), (key, said)


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) - set(NOT_SENT) == set()


@pytest.mark.usefixtures("born_today")
def test_a_dry_run_tells_who_would_get_it_and_why_others_would_not(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator", interface="en")
    part = operator.htmx(f"{BIRTHDAY}/dry", "POST", data={"day": TODAY.isoformat()})
    said = text_of(part)
    assert "1 customer would get it of 2" in said and "refuses such texts" in said
    assert f"王先生 …{ANN[-4:]}" in said and f"欧阳女士 …{BEN[-4:]}" in said
    assert re.search(r"1[05]:00–1[05]:59", said), "by hour"
    assert "<html" not in part.text and "王建国" not in part.text and ANN not in part.text
    page = operator.post(f"{BIRTHDAY}/dry", data={"day": TODAY.isoformat()})
    assert page.status_code == 200 and "1 customer would get it" in text_of(page) and "<html" in page.text
    assert desk.rows(tables.Occasion) == [] and not is_on(desk)


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-06-09", "2031-01-01"])
def test_a_dry_run_of_no_such_day_says_so(desk: Rig, signed_in: SignedIn, day: str) -> None:
    operator = signed_in("operator", interface="en")
    answer = operator.post(f"{BIRTHDAY}/dry", data={"day": day})
    assert answer.status_code == 422 and "Choose a day from today on" in text_of(answer)
    assert "Choose a day" in text_of(operator.htmx(f"{BIRTHDAY}/dry", "POST", data={"day": day}))


@pytest.mark.usefixtures("born_today")
def test_what_is_meant_for_many_is_switched_on_with_its_number(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator", interface="en")
    with audited():
        asked = switch(operator, "on")
        assert asked.status_code == 409 and "It is meant for 2 of 2 customers" in text_of(asked)
        wrong = switch(operator, "on", "3")
        assert wrong.status_code == 409 and "That is another number." in text_of(wrong)
    assert not is_on(desk)
    with audited("programme.on", by="运营"):
        assert switch(operator, "on", " 2 ").status_code == 303
    assert is_on(desk) and "1 on" in text_of(operator.get(HOME))


@pytest.mark.usefixtures("born_today")
def test_what_waits_is_told_and_held_when_it_is_switched_off(desk: Rig, signed_in: SignedIn, audited: Any) -> None:
    operator = signed_in("operator", interface="en")
    switch(operator, "on", "2")
    planning.plan(desk.service, TODAY, asked_by="clock")
    assert "1 planned; the first leaves" in text_of(operator.get(BIRTHDAY))
    assert "1 planned, 0 left, 0 held back" in text_of(operator.get(HOME))
    with audited("programme.off", by="运营"):
        switch(operator, "off")
    said = text_of(operator.get(BIRTHDAY))
    assert "Nothing is planned." in said and "the programme was off, or stopped itself" in said
    flashed = switch(operator, "off")
    assert flashed.status_code == 303 and "somebody else was faster" in text_of(operator.get(BIRTHDAY))


def test_one_that_stopped_itself_says_why_and_leads_to_its_results(desk: Rig, signed_in: SignedIn) -> None:
    desk.customer(ANN)
    switches.switch(desk.service, "运营", "birthday", True, expected=1)
    switches.switch(desk.service, "huifu", "birthday", False, stopped="refusals")
    operator = signed_in("operator", interface="en")
    page = operator.get(BIRTHDAY)
    assert "It stopped itself: too many refused or complained" in text_of(page)
    assert "/console/care/results/birthday" in page.text and 'value="on"' not in page.text
    assert "1 stopped itself" in text_of(operator.get(HOME))
    assert "/care/results/birthday" in switch(operator, "on").headers["Location"]


def test_only_operators_are_shown_the_switch(desk: Rig, signed_in: SignedIn) -> None:
    for role in ("supervisor", "auditor"):
        page = signed_in(role).get(BIRTHDAY).text
        assert f'action="{BIRTHDAY}/dry"' in page and f'action="{BIRTHDAY}/switch"' not in page


def test_what_is_not_there_is_told(desk: Rig, signed_in: SignedIn) -> None:
    operator = signed_in("operator")
    assert operator.get(f"{HOME}/nobody").status_code == 404
    assert switch(operator, "on", key="nobody").status_code == 404
    assert switch(operator, "explode").status_code == 400
