"""The page of callbacks: what is due, who calls, and that the whole number stands only on the caller's page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from app.store import tables
from tests.console.conftest import SignedIn, text_of
from tests.handlers.talk import ANN, BEN, only
from tests.rig import Rig

PAGE = "/console/callbacks"


@pytest.fixture
def booked(desk: Rig) -> Any:
    """Mr Wang's callback of tomorrow, 14:00-15:00, which is now."""
    desk.customer(ANN)
    desk.say(ANN, "明天下午给我打电话")
    desk.say(ANN, "1")
    row = only(desk.rows(tables.Callback))
    desk.clock.set(row.starts_at)
    desk.answers(ANN)
    return row


def outcome(seat: Any, row: Any, told: str, **more: str) -> Any:
    return seat.post(f"{PAGE}/{row.id}/outcome", data={"outcome": told, **more})


def start(seat: Any, row: Any) -> Any:
    return seat.post(f"{PAGE}/{row.id}/start")


def test_the_list_names_the_customer_and_hides_the_number(signed_in: SignedIn, booked: Any) -> None:
    page = signed_in().get(PAGE)
    said = text_of(page)
    assert "王先生" in said
    assert "…8000" in said
    assert "14:00 –15:00" in said
    assert "王建国" not in said
    assert ANN not in page.text
    assert ANN[1:] not in page.text


def test_nobody_books_a_call_for_an_empty_day(signed_in: SignedIn) -> None:
    said = text_of(signed_in().get(PAGE))
    assert "%" not in said


def test_who_starts_it_sees_the_number_and_the_colleague_sees_who_calls(
    desk: Rig, signed_in: SignedIn, booked: Any, audited: Any
) -> None:
    li, zhou = signed_in(), signed_in(name="小周")
    with audited("callback.start", by="小李"):
        answer = start(li, booked)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert f'<a href="tel:{ANN}">+86 138 0013 8000</a>' in li.get(PAGE).text
    theirs = zhou.get(PAGE)
    assert ANN not in theirs.text
    assert "0013" not in theirs.text
    assert "小李" in text_of(theirs)
    late = start(zhou, booked)
    assert late.status_code == 409
    assert "小李" in text_of(late)
    assert ANN not in late.text


@pytest.mark.parametrize(
    ("told", "state"), [("reached", "kept"), ("no_answer", "booked"), ("wrong_number", "failed"), ("rebook", "booked")]
)
def test_each_outcome(desk: Rig, signed_in: SignedIn, booked: Any, audited: Any, told: str, state: str) -> None:
    seat = signed_in()
    start(seat, booked)
    times = re.findall(r'<option value="(2026[^"]+)"', seat.get(PAGE).text)
    with audited(f"callback.{told}", by="小李"):
        answer = outcome(seat, booked, told, slot=times[-1])
    assert answer.status_code == 303
    assert desk.rows(tables.Callback)[-1].state == state
    page = seat.get(PAGE)
    assert ANN not in page.text
    assert 'class="alert alert-success"' in page.text


def test_moved_to_a_time_of_the_list(desk: Rig, signed_in: SignedIn, booked: Any) -> None:
    seat = signed_in()
    start(seat, booked)
    times = re.findall(r'<option value="(2026[^"]+)"', seat.get(PAGE).text)
    assert times[0] == "2026-06-11T14:30:00+08:00"
    assert len(times) == len(set(times)) > 50
    outcome(seat, booked, "rebook", slot=times[0])
    assert "已改到今天14:30-15:30" in only(desk.answers(ANN))


@pytest.mark.parametrize("slot", ["", "soon", "2026-06-11T16:00:00", "2026-06-13T10:00:00+08:00"])
def test_a_time_that_cannot_be_is_refused_in_place(desk: Rig, signed_in: SignedIn, booked: Any, slot: str) -> None:
    seat = signed_in()
    start(seat, booked)
    answer = outcome(seat, booked, "rebook", slot=slot)
    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text
    assert "<details open>" in answer.text
    assert desk.rows(tables.Callback)[-1].agent == "小李"


def test_an_outcome_without_a_call_of_ones_own(signed_in: SignedIn, booked: Any) -> None:
    seat = signed_in()
    assert outcome(seat, booked, "reached").status_code == 409
    assert outcome(seat, booked, "sung").status_code == 422
    assert seat.post(f"{PAGE}/99/start").status_code == 409


def test_before_its_time_it_cannot_be_started(desk: Rig, signed_in: SignedIn, booked: Any) -> None:
    desk.clock.set(booked.starts_at - timedelta(hours=3))
    seat = signed_in()
    assert re.search(r"data-open disabled", seat.get(PAGE).text)
    assert start(seat, booked).status_code == 409
    desk.clock.set(booked.starts_at - timedelta(minutes=10))
    assert not re.search(r"data-open disabled", signed_in().get(PAGE).text)


def test_missed_ones_stay_on_top_until_the_customer_books_anew(desk: Rig, signed_in: SignedIn, booked: Any) -> None:
    desk.clock.set(booked.ends_at)
    desk.pump()
    assert text_of(signed_in().get(PAGE)).count("王先生") == 1
    desk.clock.set(booked.starts_at + timedelta(days=4))  # a Monday: the weekend lies between
    page = text_of(signed_in().get(PAGE))
    assert "06-11 14:00" in page
    assert "06-11" not in text_of(signed_in().get(f"{PAGE}?day=2026-06-16")).replace("06-11-", "")
    desk.say(ANN, "明天下午给我打电话")
    desk.say(ANN, "1")
    assert "06-11 14:00" not in text_of(signed_in().get(PAGE))


def test_the_days_to_choose_from_say_how_much_they_hold(desk: Rig, signed_in: SignedIn, booked: Any) -> None:
    desk.say(BEN, "下周一上午10点给我打电话")
    desk.say(BEN, "1")
    seat = signed_in()
    links = re.findall(r'href="/console/callbacks\?day=([^"]+)"', seat.get(PAGE).text)
    assert links[0] == "2026-06-11"
    assert "2026-06-13" not in links
    assert "10:00 –11:00" in text_of(seat.get(f"{PAGE}?day=2026-06-15"))
    for wrong in ("", "yesterday", "9999-12-31", "0001-01-01"):
        assert seat.get(f"{PAGE}?day={wrong}").status_code == 200


def test_how_the_promises_were_kept(desk: Rig, signed_in: SignedIn, booked: Any) -> None:
    seat = signed_in()
    start(seat, booked)
    outcome(seat, booked, "reached")
    assert "100%" in text_of(seat.get(PAGE))


def test_only_the_list_for_htmx(signed_in: SignedIn, booked: Any) -> None:
    part = signed_in().htmx(PAGE).text
    assert part.lstrip().startswith('<div id="callbacks"')
    assert "<html" not in part


def test_a_second_try_after_the_slot_stands_at_its_new_time(desk: Rig, signed_in: SignedIn, booked: Any) -> None:
    desk.clock.set(booked.ends_at - timedelta(minutes=1))
    seat = signed_in()
    start(seat, booked)
    outcome(seat, booked, "no_answer")
    said = text_of(seat.get(PAGE))
    assert "15:30 –16:00" in said
    assert "小李" in said


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_not_for_who_sees_no_customers(signed_in: SignedIn, booked: Any, role: str) -> None:
    seat = signed_in(role)
    assert seat.get(PAGE).status_code == 403
    assert start(seat, booked).status_code == 403
    assert outcome(seat, booked, "reached").status_code == 403
