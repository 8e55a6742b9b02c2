"""A second text two hours after a link that nobody followed: once, under the same caps and windows, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from app.care.programmes import shipped as programmes
from app.handlers.care.leaving import let_go
from app.handlers.care.links import follow
from app.handlers.care.switches import switch
from app.store import tables
from tests.handlers.care.campaign import (
    ANN,
    agrees,
    at,
    change,
    fate,
    had,
    invited,
    message_of,
    planned,
    second_of,
    switch_on,
)
from tests.rig import Rig

HOURS = programmes()["settled"].second_after_hours
BROWSER = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"}


@pytest.fixture
def bank(rig: Rig) -> Rig:
    """Ann's first text left on a Wednesday at 16:00; its second has a slot on the same day or at the next window."""
    rig.clock.set(at("2026-06-10 08:00"))
    invited(rig)
    switch_on(rig, "settled")
    planned(rig)
    rig.pump()
    return rig


def second(rig: Rig) -> Any:
    return second_of(rig, 1)


def ripe(rig: Rig) -> tuple[str, str]:
    """Its time has come: what became of it."""
    rig.clock.set(second(rig).due_at)
    rig.pump()
    return fate(rig, second(rig).id)


def test_it_is_planned_with_the_first_one_for_the_next_open_window(bank: Rig) -> None:
    assert fate(bank, 1) == ("queued", "")
    row = second(bank)
    assert (row.state, row.template, row.occasion) == ("planned", "settled_again", "settled:2026-05-26+2")
    assert row.due_at >= bank.clock() + timedelta(hours=HOURS)
    assert row.due_at < row.closes_at


def test_it_leaves_once_when_nobody_followed_the_link(bank: Rig) -> None:
    assert ripe(bank) == ("queued", "")
    assert message_of(bank, second(bank).id).template == "care.settled_again@0"
    assert second_of(bank, second(bank).id) is None, "a second text has no second"
    bank.wait(hours=6)
    bank.wait(days=1)
    assert len(bank.rows(tables.Message)) == 2


def test_not_when_a_person_followed_the_link(bank: Rig) -> None:
    (link,) = bank.rows(tables.Link)
    bank.clock.advance(minutes=5)
    assert follow(bank.service, link.code, BROWSER).kind == "person"
    assert bank.service.clicks.drain()
    assert ripe(bank) == ("held", "link_followed")


def test_not_when_the_first_was_answered(bank: Rig) -> None:
    with bank.service.database.begin() as connection:
        connection.execute(
            insert(tables.Response).values(
                inbound_id=1, occasion_id=1, phone=ANN, meaning="asked", choice="", confidence=1.0, at=bank.clock()
            )
        )
    assert ripe(bank) == ("held", "answered")


def test_not_after_a_refusal(bank: Rig) -> None:
    agrees(bank, ANN, "refused")
    assert ripe(bank) == ("held", "refused")


def test_not_over_the_cap(bank: Rig) -> None:
    due = second(bank).due_at
    had(bank, ANN, "care", [due - timedelta(hours=1)])
    assert ripe(bank) == ("held", "over_cap")


def test_not_when_the_programme_stopped(bank: Rig) -> None:
    switch(bank.service, "ops", "settled", False)
    assert ripe(bank) == ("held", "stopped")


@pytest.mark.parametrize("values", [{"state": "failed"}, {"state": "unsettled"}, {"status": 41}, {"status": 42}])
def test_not_when_the_first_never_arrived(bank: Rig, values: dict[str, Any]) -> None:
    change(bank, tables.Message, tables.Message.id == message_of(bank, 1).id, **values)
    bank.clock.set(second(bank).due_at)
    let_go(bank.service)
    assert fate(bank, second(bank).id) == ("held", "first_unsent")


def test_hours_count_from_when_the_first_was_handed_over(bank: Rig) -> None:
    due = second(bank).due_at
    handed = due - timedelta(minutes=30)
    change(bank, tables.Message, tables.Message.id == message_of(bank, 1).id, handed_at=handed)
    bank.clock.set(due)
    let_go(bank.service)
    row = second(bank)
    assert row.state == "planned"
    assert row.due_at == min(handed + timedelta(hours=HOURS), row.closes_at)


def test_an_occasion_has_one_second_however_often_its_first_is_planned(bank: Rig) -> None:
    change(bank, tables.Occasion, tables.Occasion.id == 1, state="planned", queued_at=None, message_id=None)
    let_go(bank.service)
    assert len([row for row in bank.rows(tables.Occasion) if row.first_id]) == 1


def test_none_when_the_text_has_none(rig: Rig) -> None:
    invited(rig)
    switch_on(rig, "birthday")
    planned(rig, programme="birthday", occasion="2026-06-10")
    let_go(rig.service)
    assert fate(rig, 1) == ("queued", "")
    assert len(rig.rows(tables.Occasion)) == 1
