"""docs/try-programmes.md as it stands there: from the demo's customers to one who answers, on SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.handlers.care import planning, switches, trials
from app.handlers.care.events_file import import_events
from app.handlers.care.events_file import read as read_events
from app.handlers.care.preview import explain, preview
from app.handlers.care.results import period, report
from app.handlers.customers_file import Fault, read
from app.handlers.customers_imported import Ears, import_customers
from app.handlers.demo_customers import demo_customers, demo_events
from app.store import tables
from tests.clock import Clock
from tests.rig import Rig, sqlite_url

WANG, LIU, HUANG, SUN = "+8615400000001", "+8615400000005", "+8615400000008", "+8615400000013"
WEDNESDAY = 2
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"}
FOUND = {
    "DEMO01": {"good_payer", "repayment_reminder"},
    "DEMO02": {"approved_draw"},
    "DEMO03": {"limit_expiring"},
    "DEMO05": {"birthday", "birthday_offer", "page_seen", "unused_quota"},
    "DEMO06": {"settled"},
    "DEMO08": {"good_payer"},
    "DEMO12": {"good_payer", "appointment_missed"},
    "DEMO13": {"info_update", "calculator_used", "unused_quota"},
}
WANTED = {"", "not_today", "no_slot", "outranked"}
"""Planned, or only not on this day."""
MORNINGS = [datetime(2026, 6, 10, 0, 30, tzinfo=UTC), datetime(2026, 11, 22, 0, 30, tzinfo=UTC)]
"""A Wednesday and a Sunday, half past eight in Shanghai."""


@pytest.fixture(params=MORNINGS, ids=["wednesday", "sunday"])
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """As after `make run`, at its own address."""
    rig = Rig(sqlite_url(tmp_path), Clock(request.param), public_url="http://127.0.0.1:8000")
    today, database = rig.clock().astimezone(rig.service.zone).date(), rig.service.database
    ears = Ears(_good, _good, lambda _: None)
    customers = read(demo_customers(today).lines)[1]
    import_customers(database, customers, file="demo", clock=rig.clock, ears=ears, trust_numbers=True)
    events = read_events(demo_events(today, rig.service.zone))[1]
    import_events(database, events, file="demo", clock=rig.clock, fault=_good, reached=lambda _: None)
    yield rig
    rig.close()


def _good(fault: Fault) -> None:
    raise AssertionError(str(fault))


def until_due(rig: Rig, customer_id: str) -> None:
    """Time passes until the first text of a customer has left."""
    (due,) = [row.due_at for row in rig.rows(tables.Occasion) if row.customer_id == customer_id and not row.first_id]
    while rig.clock() < due + timedelta(minutes=1):
        rig.wait(minutes=5)


def funnel(rig: Rig) -> dict[str, int]:
    total = report(rig.service, "good_payer", period(rig.service)).total
    return {
        name: getattr(total, name) for name in ("planned", "delivered", "followed", "replied", "converted", "annoyed")
    }


def test_the_programmes_find_their_customers_on_any_day(trial: Rig) -> None:
    today = trial.clock().astimezone(trial.service.zone).date()
    for customer, keys in FOUND.items():
        told = explain(trial.service, customer, today)
        assert told is not None
        due = {key for key, one in told.items() if one.decision.reason in WANTED}
        assert keys <= due, (customer, due)
    found = preview(trial.service, today, keys=("good_payer",))
    assert found.programmes["good_payer"].outcomes["planned"] == 3


def test_from_the_plan_to_the_answer(trial: Rig) -> None:
    with pytest.raises(switches.ConfirmNumber) as asked:
        switches.switch(trial.service, "ops", "good_payer", True)
    assert (asked.value.count, asked.value.total) == (12, 13)
    switches.switch(trial.service, "ops", "good_payer", True, expected=12)
    today = trial.clock().astimezone(trial.service.zone).date()
    assert planning.plan(trial.service, today, asked_by="ops").planned == 3
    assert trial.answers(WANG) == [], "nothing leaves before its window"

    until_due(trial, "DEMO01")
    (offer,) = trial.answers(WANG)
    link = re.search(r"http://127\.0\.0\.1:8000(/r/\w+) 回复1了解 2约回电", offer)
    assert link and offer.startswith("【示例银行】王先生，") and offer.endswith("拒收请回复TD")

    trial.wait(minutes=1)
    assert trial.web.get(link[1], headers=PHONE).location.startswith("https://bank.example.com/")
    assert trial.service.clicks.drain(30)
    (answer,) = trial.say(WANG, "1")
    assert "提前还款" in answer
    until_due(trial, "DEMO08")
    trial.say(HUANG, "TD")
    trial.wait(minutes=1)
    assert [row.verdict for row in trial.rows(tables.Consent) if row.phone == HUANG][-1] == "refused"
    assert funnel(trial) == {
        "planned": 5,  # with the second texts of 王先生, who will not need it, and of 郑先生, who did nothing
        "delivered": 4,
        "followed": 1,
        "replied": 2,
        "converted": 0,
        "annoyed": 1,
    }

    event = f"key,customer_id,kind,at\nmine-1,DEMO01,repaid,{trial.clock().isoformat()}"
    rows = read_events(event.splitlines())[1]
    import_events(trial.service.database, rows, file="mine", clock=trial.clock, fault=_good, reached=lambda _: None)
    assert funnel(trial)["converted"] == 1

    by_customer = {row.customer_id: row for row in trial.rows(tables.Occasion) if row.first_id}
    assert by_customer["DEMO12"].state == "queued", "who neither answers nor follows the link gets a second text"
    switches.switch(trial.service, "ops", "good_payer", False)
    trial.wait(hours=24)
    left = {row.customer_id: (row.state, row.reason) for row in trial.rows(tables.Occasion) if row.first_id}
    assert left == {"DEMO01": ("held", "stopped"), "DEMO08": ("held", "stopped"), "DEMO12": ("queued", "")}


def test_two_wordings_are_compared(trial: Rig) -> None:
    """Its window opens on Wednesdays and Fridays."""
    with pytest.raises(switches.ConfirmNumber) as asked:
        switches.switch(trial.service, "ops", "unused_quota", True)
    assert (asked.value.count, asked.value.total) == (4, 13)
    switches.switch(trial.service, "ops", "unused_quota", True, expected=4)
    declared = trials.declare(trial.service, "ops", "unused_quota", "chosen", 0.2, 0.4)
    assert declared.each == 23
    while trial.clock().astimezone(trial.service.zone).weekday() != WEDNESDAY:
        trial.clock.advance(days=1)
    today = trial.clock().astimezone(trial.service.zone).date()
    assert planning.plan(trial.service, today, asked_by="ops").planned == 2
    until_due(trial, "DEMO05")
    until_due(trial, "DEMO13")
    (fee,), (steps,) = trial.answers(LIU), trial.answers(SUN)
    assert "额度开通后还没用过，首笔免手续费。" in fee
    assert "额度还没用过，用款只要三步。" in steps
    assert "我要借款" in trial.say(SUN, "1")[0]
    trial.wait(minutes=10)  # receipts come after what they tell of
    found = trials.standing(trial.service, "unused_quota")
    assert found is not None
    assert [(arm.name, arm.texts) for arm in found.arms] == [("A", 1), ("B", 1)]
    assert (found.missing, found.verdicts) == (44, [])
    lines = report(trial.service, "unused_quota", period(trial.service)).by["variant"]
    assert [(line.name, line.counts.delivered, line.counts.chosen) for line in lines] == [("A", 1, 0), ("B", 1, 1)]
