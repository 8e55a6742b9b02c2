"""What an event or a day gives reaches the words of the text that it led to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from app.handlers.care.leaving import let_go
from app.store import tables
from tests.handlers.care.campaign import ANN, agrees, message_of, planned, switch_on
from tests.rig import Rig


@pytest.fixture
def bank(rig: Rig) -> Rig:
    rig.customer(ANN, birthday=None, overdue_days=0)
    agrees(rig, ANN)
    switch_on(rig, "appointment_missed", "solar_term")
    return rig


def event(rig: Rig, key: str, ago: timedelta, kind: str = "appointment_missed", **detail: Any) -> None:
    at = rig.clock() - ago
    row = {"event_key": key, "customer_id": "C1", "kind": kind, "at": at, "received_at": at, "detail": detail}
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.CustomerEvent).values(**row))


def missed(rig: Rig) -> str:
    text = planned(rig, programme="appointment_missed", occasion="appointment_missed:2026-06-09T01:00")
    assert let_go(rig.service) == 1
    return str(message_of(rig, text).body)


def test_the_last_event_of_its_kind_fills_the_text(bank: Rig) -> None:
    event(bank, "a", timedelta(hours=3), branch="城西支行")
    event(bank, "b", timedelta(hours=2), branch="城东支行")
    event(bank, "c", timedelta(hours=1), kind="page_viewed", page="/loans")
    event(bank, "d", timedelta(hours=-1), branch="来日支行")
    assert "您预约的城东支行没能等到您" in missed(bank)


def test_without_a_detail_the_fall_back_stands(bank: Rig) -> None:
    event(bank, "a", timedelta(hours=3))
    assert "您预约的网点服务没能等到您" in missed(bank)


def test_a_detail_that_is_no_name_of_a_branch_gives_way_too(bank: Rig) -> None:
    event(bank, "a", timedelta(hours=3), branch="支行{hotline}")
    assert "您预约的网点服务没能等到您" in missed(bank)


def test_a_day_tells_its_name_and_its_sentence(bank: Rig) -> None:
    text = planned(bank, programme="solar_term", occasion="xiazhi:2026-06-21")
    assert let_go(bank.service) == 1
    assert "今日夏至，白昼最长，午后请避开日晒。" in message_of(bank, text).body
