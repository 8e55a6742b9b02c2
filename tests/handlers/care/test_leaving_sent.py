"""What was let go and still must not reach a handset: the real sender, the simulated network, a clock that moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from app.gateways.port import Status
from app.handlers.care.leaving import let_go
from app.handlers.care.switches import switch
from app.handlers.care.templates import retire
from app.handlers.text_leaves import drain
from app.store import tables
from tests.handlers.care.campaign import ANN, agrees, at, change, invited, message_of, planned, switch_on
from tests.handlers.moody import Moody
from tests.rig import Rig

CURFEW = at("2026-06-10 14:00")
"""22:00 in Shanghai."""


@pytest.fixture
def queued(rig: Rig) -> Rig:
    """An offer to Ann is in the outbox since 20:00."""
    rig.clock.set(at("2026-06-10 12:00"))
    invited(rig)
    switch_on(rig, "settled")
    rig.service = replace(rig.service, gateway=Moody(rig.network, "simulator"))
    planned(rig, closes_at=CURFEW + timedelta(days=1))
    assert let_go(rig.service) == 1
    return rig


def handset(rig: Rig, phone: str = ANN) -> list[Any]:
    return [text for text in rig.network.texts(phone) if text.to_handset]


def tried_until(rig: Rig) -> datetime:
    """Until when the gateway was told to try to deliver the one text that it has."""
    (asked,) = rig.service.gateway.asked
    until: datetime = rig.clock() + asked.validity
    return until


def ends(rig: Rig) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in rig.rows(tables.Message)]


def test_it_travels_until_the_curfew_and_no_longer(queued: Rig) -> None:
    drain(queued.service)
    assert len(handset(queued)) == 1
    assert tried_until(queued) == CURFEW


@pytest.mark.parametrize("hours", [2, 3, 10, 12, 34])
def test_what_could_not_leave_by_the_curfew_is_dropped(queued: Rig, hours: int) -> None:
    """At 22:00, at night, at 06:00, and not at 08:00 next morning either."""
    queued.clock.advance(hours=hours)
    drain(queued.service)
    assert ends(queued) == [("failed", "expired")]
    assert handset(queued) == []


def test_it_still_leaves_a_moment_before(queued: Rig) -> None:
    queued.clock.set(CURFEW - timedelta(seconds=30))
    drain(queued.service)
    assert len(handset(queued)) == 1
    assert tried_until(queued) == CURFEW


def test_a_handset_that_is_switched_on_at_night_stays_quiet(queued: Rig) -> None:
    queued.network.switch(ANN, False)
    queued.pump()
    queued.clock.set(CURFEW + timedelta(hours=1))
    queued.network.switch(ANN, True)
    queued.pump()
    assert [text.status for text in handset(queued)] == [Status.UNDELIVERED]


def test_a_refusal_withdraws_it(queued: Rig) -> None:
    agrees(queued, ANN, "refused")
    drain(queued.service)
    assert ends(queued) == [("withdrawn", "refused:commercial")]
    assert handset(queued) == []


def test_the_claim_looks_at_the_ledger_itself(queued: Rig) -> None:
    """A refusal that somebody wrote past our own code, between the queue and the send."""
    with queued.service.database.begin() as connection:
        connection.execute(
            insert(tables.Consent).values(
                phone=ANN, scope="commercial", verdict="refused", source="hand", evidence="-", at=queued.clock()
            )
        )
    drain(queued.service)
    assert ends(queued) == [("withheld", "refused")]
    assert handset(queued) == []


def test_a_clock_that_was_wrong_sends_nothing_early(queued: Rig) -> None:
    """It was 20:00 by a clock that runs ahead; it is 07:00 in truth when the text could leave."""
    queued.clock.set(at("2026-06-09 23:00"))
    drain(queued.service)
    assert handset(queued) == []


def test_nothing_of_it_is_in_the_outbox_when_the_programme_stops(queued: Rig) -> None:
    switch(queued.service, "ops", "settled", False)
    drain(queued.service)
    assert ends(queued) == [("withdrawn", "stopped")]


def test_a_text_that_is_retired_leaves_the_outbox_too(queued: Rig) -> None:
    retire(queued.service, "ben", "settled", "en", 0, "another language")
    assert ends(queued) == [("queued", "")]
    retire(queued.service, "ben", "settled", "zh-CN", 0, "the figure is wrong")
    drain(queued.service)
    assert ends(queued) == [("withdrawn", "retired")]
    assert handset(queued) == []


def test_a_text_that_expired_can_be_seen_from_its_occasion(queued: Rig) -> None:
    first = queued.rows(tables.Occasion)[0].id
    queued.clock.set(CURFEW)
    drain(queued.service)
    assert message_of(queued, first).reason == "expired"


def test_a_row_whose_text_left_is_never_taken_again(queued: Rig) -> None:
    change(queued, tables.Occasion, tables.Occasion.state == "queued", due_at=queued.clock())
    queued.pump()
    assert let_go(queued.service) == 0
    assert len(handset(queued)) == 1
