"""Planned texts leave, each judged anew; whatever stands against one is told as its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.care.programmes import shipped as programmes
from app.handlers.care.leaving import let_go
from app.handlers.care.switches import switch
from app.rules.circuit import Circuit, opened
from app.store import circuits, customers, tables
from tests.handlers.care.campaign import (
    ANN,
    BEN,
    agrees,
    at,
    change,
    fate,
    had,
    invited,
    message_of,
    planned,
    row_of,
    switch_on,
)
from tests.rig import Rig

MakeRig = Callable[..., Rig]


def test_a_planned_text_is_queued_signed_and_with_the_way_out(bank: Rig) -> None:
    text = planned(bank)
    assert let_go(bank.service) == 1
    assert fate(bank, text) == ("queued", "")
    row, message = row_of(bank, text), message_of(bank, text)
    assert row.version == 0
    assert row.queued_at == bank.clock()
    assert [reply["key"] for reply in row.menu["replies"]] == ["1", "2"]
    assert message.template == "care.settled@0"
    assert message.body.startswith("【示例银行】")
    assert message.body.endswith("拒收请回复TD")
    assert (message.purpose, message.lane, message.author) == ("commercial", 2, "programme")
    assert bank.answers(ANN) == [message.body]
    assert let_go(bank.service) == 0, "once"
    assert len(bank.rows(tables.Message)) == 1


def test_what_is_not_due_stays(bank: Rig) -> None:
    text = planned(bank, due_at=bank.clock() + timedelta(minutes=1))
    assert let_go(bank.service) == 0
    assert fate(bank, text) == ("planned", "")
    bank.clock.advance(minutes=1)
    assert let_go(bank.service) == 1


# ---- what holds a text back -------------------------------------------------------------------------------


def test_a_programme_that_is_off_sends_nothing(bank: Rig) -> None:
    text = planned(bank)
    bank.clock.advance(seconds=1)
    switch(bank.service, "ops", "settled", False)
    late = planned(bank, occasion="settled:other")
    let_go(bank.service)
    assert [fate(bank, text), fate(bank, late)] == [("held", "stopped")] * 2
    assert bank.rows(tables.Message) == []


def test_a_window_that_closed_is_stale_also_while_nothing_may_leave(bank: Rig) -> None:
    text = planned(bank, closes_at=bank.clock() + timedelta(minutes=30))
    gateway_rests(bank)
    assert let_go(bank.service) == 0
    assert fate(bank, text) == ("planned", "")
    bank.clock.advance(minutes=30)
    assert let_go(bank.service) == 1
    assert fate(bank, text) == ("held", "stale")


def gateway_rests(rig: Rig) -> None:
    with rig.service.database.begin() as connection:
        circuits.keep(connection, rig.service.gateway.name, opened(Circuit(), rig.clock(), "HTTP 503"), rig.clock())


def test_a_number_that_moved_hears_nothing(bank: Rig) -> None:
    text = planned(bank)
    (binding,) = bank.rows(tables.PhoneBinding)
    with bank.service.database.begin() as connection:
        customers.unbind(connection, {binding.id: ANN}, "import", bank.clock())
    let_go(bank.service)
    assert fate(bank, text) == ("held", "unbound")


@pytest.mark.parametrize(
    ("scope", "verdict", "reason"),
    [("commercial", "refused", "refused"), ("gateway", "refused", "blocked")],
)
def test_who_refused_since_hears_nothing(bank: Rig, scope: str, verdict: str, reason: str) -> None:
    text = planned(bank)
    agrees(bank, ANN, verdict, scope)
    let_go(bank.service)
    assert fate(bank, text) == ("held", reason)


def test_who_never_agreed_hears_no_offer_unless_the_bank_says_so(make_rig: MakeRig) -> None:
    for consent, expected in (("granted", ("held", "no_consent")), ("not_refused", ("queued", ""))):
        rig = make_rig(care_consent=consent)
        rig.customer(ANN)
        switch_on(rig, "settled")
        text = planned(rig)
        let_go(rig.service)
        assert fate(rig, text) == expected


def test_a_number_that_is_shared_now_is_named_nobody(bank: Rig) -> None:
    text = planned(bank)
    bank.customer(ANN, "C2")
    let_go(bank.service)
    assert fate(bank, text) == ("held", "shared_number")


def test_who_fell_behind_with_payments_gets_no_offer(bank: Rig) -> None:
    text = planned(bank)
    change(bank, tables.Customer, tables.Customer.customer_id == "C1", overdue_days=3)
    let_go(bank.service)
    assert fate(bank, text) == ("held", "overdue")


def test_who_has_applied_meanwhile_is_not_invited(bank: Rig) -> None:
    kind = programmes()["settled"].converted_by[0]
    text = planned(bank)
    bank.clock.advance(seconds=5)
    now = bank.clock()
    same = {"event_key": "1", "customer_id": "C1", "kind": kind, "detail": {}, "source": "test"}
    with bank.service.database.begin() as connection:
        connection.execute(insert(tables.CustomerEvent).values(**same, at=now, received_at=now))
    let_go(bank.service)
    assert fate(bank, text) == ("held", "already_done")


# ---- caps -------------------------------------------------------------------------------------------------


def test_caps_are_counted_over_all_programmes_at_this_moment(bank: Rig) -> None:
    had(bank, ANN, "care", [at("2026-06-01 02:00"), at("2026-06-05 02:00")])
    text = planned(bank)
    let_go(bank.service)
    assert fate(bank, text) == ("held", "over_cap")


def test_two_of_one_number_in_one_batch_count_each_other(bank: Rig) -> None:
    """One was had this month: of two that are due together the one with the higher priority goes."""
    had(bank, ANN, "care", [at("2026-06-01 02:00")])
    low = planned(bank)
    high = planned(bank, programme="birthday", occasion="2026-06-10")
    assert let_go(bank.service) == 2
    assert fate(bank, high) == ("queued", "")
    assert fate(bank, low) == ("held", "over_cap")


def test_what_was_held_counts_for_nothing(bank: Rig) -> None:
    had(bank, ANN, "care", [at("2026-06-01 02:00"), at("2026-06-05 02:00")])
    change(bank, tables.Occasion, tables.Occasion.programme == "earlier", state="held", reason="stale")
    text = planned(bank)
    let_go(bank.service)
    assert fate(bank, text) == ("queued", "")


# ---- talks ------------------------------------------------------------------------------------------------


def test_who_is_in_a_talk_is_left_in_peace_until_it_is_over(bank: Rig) -> None:
    bank.say(ANN, "怎么还款")
    text = planned(bank)
    assert let_go(bank.service) == 1
    assert fate(bank, text) == ("planned", "in_talk")
    assert let_go(bank.service) == 0, "it is looked at again in ten minutes"
    bank.say(ANN, "0")
    bank.wait(minutes=10)
    assert fate(bank, text)[0] == ("planned" if talking(bank) else "queued")
    while talking(bank):
        bank.wait(minutes=10)
    bank.wait(minutes=10)
    assert fate(bank, text) == ("queued", "")


def talking(rig: Rig) -> bool:
    return any(row.flow for row in rig.rows(tables.Conversation))


def test_who_waits_for_a_person_is_left_in_peace_and_the_reason_stays(bank: Rig) -> None:
    bank.say(ANN, "转人工")
    text = planned(bank, closes_at=bank.clock() + timedelta(minutes=15))
    let_go(bank.service)
    assert fate(bank, text) == ("planned", "in_talk")
    bank.clock.advance(minutes=10)
    let_go(bank.service)
    assert row_of(bank, text).due_at == bank.clock() + timedelta(minutes=5), "within its window"
    bank.clock.advance(minutes=5)
    let_go(bank.service)
    assert fate(bank, text) == ("held", "in_talk")


# ---- quiet hours, up to the handset -----------------------------------------------------------------------


def test_nothing_is_queued_at_night_and_it_leaves_in_the_morning(bank: Rig) -> None:
    bank.clock.set(at("2026-06-10 14:30"))  # 22:30 in Shanghai
    text = planned(bank, closes_at=at("2026-06-11 02:00"))
    let_go(bank.service)
    assert fate(bank, text) == ("planned", "quiet_hours")
    assert row_of(bank, text).due_at == at("2026-06-11 00:00")
    bank.clock.set(at("2026-06-11 00:00"))
    let_go(bank.service)
    assert fate(bank, text) == ("queued", "")


def test_the_night_is_the_customers(bank: Rig) -> None:
    """10:00 in Shanghai is 22:00 in New York and 19:00 in Los Angeles."""
    york, angeles = invited(bank, "+12125550123", "C2"), invited(bank, "+12135550123", "C3")
    closes = bank.clock() + timedelta(hours=12)
    east = planned(bank, york, customer_id="C2", closes_at=closes)
    west = planned(bank, angeles, customer_id="C3", closes_at=closes)
    let_go(bank.service)
    assert fate(bank, east) == ("planned", "quiet_hours")
    assert row_of(bank, east).due_at == at("2026-06-10 12:00")
    assert fate(bank, west) == ("queued", "")
    assert message_of(bank, west).expires_at == at("2026-06-10 05:00"), "22:00 there"


def test_the_validity_ends_with_the_window_or_the_curfew(bank: Rig) -> None:
    invited(bank, BEN, "C2")
    early = planned(bank, closes_at=bank.clock() + timedelta(minutes=90))
    late = planned(bank, BEN, customer_id="C2", closes_at=bank.clock() + timedelta(days=2))
    let_go(bank.service)
    assert message_of(bank, early).expires_at == bank.clock() + timedelta(minutes=90)
    assert message_of(bank, late).expires_at == bank.clock() + timedelta(hours=10), "the longest that gateways take"


def test_less_than_a_minute_of_the_window_is_too_late(bank: Rig) -> None:
    text = planned(bank, closes_at=bank.clock() + timedelta(seconds=50))
    let_go(bank.service)
    assert fate(bank, text) == ("held", "stale")


@pytest.mark.parametrize(
    ("now", "curfew"),
    [
        ("2026-03-07 22:00", "2026-03-08 03:00"),  # the evening before clocks go forward in New York
        ("2026-03-08 22:00", "2026-03-09 02:00"),  # the evening after: an hour earlier in UTC
        ("2026-11-01 20:00", "2026-11-02 03:00"),  # the day on which they go back
    ],
)
def test_daylight_saving_moves_the_curfew(bank: Rig, now: str, curfew: str) -> None:
    york = invited(bank, "+12125550123", "C2")
    bank.clock.set(at(now))
    text = planned(bank, york, customer_id="C2", closes_at=at(now) + timedelta(days=1))
    let_go(bank.service)
    assert message_of(bank, text).expires_at == at(curfew)
