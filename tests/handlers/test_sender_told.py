"""What is told of sending, and that a long campaign holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from app.handlers.sender_told import notes, room, sending
from app.handlers.text_leaves import drain
from app.store import tables
from app.worker.lanes import Lanes, Name
from tests.clock import Clock
from tests.handlers.moody import SICK, WELL, TwoGateways, phone
from tests.handlers.talk import ANN, BEN, code_in
from tests.rig import sqlite_url


@pytest.fixture
def two(tmp_path: Path, clock: Clock) -> Iterator[TwoGateways]:
    rig = TwoGateways(sqlite_url(tmp_path), clock, send_rate=1.0, outbox_hours=0.01)
    yield rig
    rig.close()


def campaign(rig: TwoGateways, count: int) -> None:
    """So many offers, due since a minute."""
    now = rig.clock()
    same = {
        "purpose": "commercial",
        "lane": 2,
        "template": "t",
        "body": "【示例银行】优惠",
        "parts": 1,
        "figures": False,
    }
    same |= {"author": "bot", "state": "queued", "reason": "", "attempts": 0, "status": -1, "conflict": False}
    same |= {"created_at": now, "due_at": now - timedelta(minutes=1), "expires_at": now + timedelta(hours=8)}
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.Message), [{**same, "phone": f"+86139{number:08}"} for number in range(count)])


def test_nothing_is_told_of_what_goes_well(two: TwoGateways) -> None:
    assert notes(two.service) == []
    assert two.web.get("/health/ready").json == {"status": "ready", "reasons": []}
    found = sending(two.service)
    assert (found.bulk, found.waiting, found.room) == ("", 0, 36)


def test_a_gateway_that_rests_is_told_and_the_service_stays_ready(two: TwoGateways) -> None:
    two.until_it_rests(SICK)
    two.clock.advance(seconds=30)
    ready = two.web.get("/health/ready")
    assert ready.status_code == 200, "webhooks must go on being taken"
    gateway, bulk = ready.json["notes"]
    assert gateway == (
        "the gateway simulator rests since 2026-06-10 02:00:00 UTC (HTTP 503) and is tried now and then;"
        " standby carries answer, code"
    )
    assert bulk == "offers and reminders wait: the gateway rests"
    told = two.web.get("/metrics").text
    assert 'huifu_gateway_rests{gateway="simulator"} 1.0' in told
    assert 'huifu_gateway_rests{gateway="standby"} 0.0' in told
    assert 'huifu_gateway_rest_seconds{gateway="simulator"} 30.0' in told
    assert 'huifu_bulk_waits{reason="gateway_rests"} 1.0' in told
    two.main.mood = WELL
    two.queue(1)
    two.pump()
    assert notes(two.service) == []
    assert 'huifu_gateway_rests{gateway="simulator"} 0.0' in two.web.get("/metrics").text


def test_a_campaign_queues_no_more_than_the_senders_hours(two: TwoGateways) -> None:
    """A part a second for a hundredth of an hour: 36 parts."""

    def left() -> int | None:
        with two.service.database.begin() as connection:
            return room(two.service, connection)

    campaign(two, 30)
    assert left() == 6
    campaign(two, 6)
    assert left() == 0
    assert notes(two.service) == ["campaigns queue nothing more: the outbox is as long as OUTBOX_HOURS allows"]
    drain(two.service, 10)
    assert left() == 10, "it goes on being sent, and with that there is room again"


def test_without_a_rate_nobody_knows_the_hours(tmp_path: Path, clock: Clock) -> None:
    rig = TwoGateways(sqlite_url(tmp_path), clock)
    campaign(rig, 1000)
    assert sending(rig.service).room is None
    assert "huifu_outbox_room_parts +Inf" in rig.web.get("/metrics").text
    rig.close()


def test_answers_that_are_behind_are_told(two: TwoGateways) -> None:
    for number in range(6):
        two.queue(number)
    assert notes(two.service) == ["offers and reminders wait: answers are behind"]


def test_fifty_thousand_offers_hold_nobody_up(tmp_path: Path, clock: Clock) -> None:
    """In one round of each lane the bank is asked, its answer leaves, a silence ends: counted, not timed."""
    rig = TwoGateways(sqlite_url(tmp_path), clock)
    rig.customer(ANN)
    asked = code_in(rig.say(ANN, "ED"))
    rig.say(BEN, "给我回个电话")
    campaign(rig, 50_000)
    rig.clock.advance(seconds=20)
    rig.text(ANN, asked)
    rig.main.asked.clear()

    def once(*names: Name) -> dict[str, int]:
        """One round of each, and all that it began has ended."""
        lanes = Lanes(rig.service, 8, threading.Event())
        done = {name: lanes.jobs[name].run() for name in names}
        lanes.close()
        return done

    done = once("bulk", "bank")
    assert done["bank"] == 1
    assert 1 <= done["bulk"] <= 8, "as many as can begin at once, and no more"
    assert once("answers") == {"answers": 1}
    assert len(rig.main.asked) == done["bulk"] + 1
    assert rig.main.asked[-1].to == ANN, "the figure"
    rig.clock.advance(minutes=30)
    assert once("clock")["clock"] >= 1, "who said nothing is asked once more"
    rig.queue(1)
    rig.main.asked.clear()
    drain(rig.service, 50)
    assert {text.to for text in rig.main.asked[:2]} >= {phone(1)}, "and one thread for all takes answers first"
    assert len(rig.main.asked) == 50
    rig.close()
