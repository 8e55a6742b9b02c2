"""Events of customers: each is kept once, the good ones of a batch go in, and each bad one is told why."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from app.care.event_kinds import FORMS, kinds
from app.handlers.care.events import Given, Outcome, keep, read, take
from app.store import customer_events as store
from app.store import tables
from app.store.database import Database
from app.store.migrate import upgrade
from tests.rig import Rig

PHONE = "+8613800138000"
DRAWN = Given("k1", "C1", "drawn", "2026-06-09T10:00:00+08:00", {"product": "consumer", "amount": "5000.00"})


def given(**changes: Any) -> Given:
    values = {"key": "k1", "customer_id": "C1", "kind": "drawn", "at": "2026-06-09T10:00:00Z", **changes}
    return Given(**values)


def told(rig: Rig, *events: Given) -> list[str]:
    return [outcome.what for outcome in take(rig.service, "core", events).outcomes]


@pytest.fixture
def rig(rig: Rig) -> Rig:
    rig.customer(PHONE)
    return rig


def test_an_event_is_kept_as_it_was_told(rig: Rig) -> None:
    assert told(rig, DRAWN) == ["taken"]
    (row,) = rig.rows(tables.CustomerEvent)
    assert (row.event_key, row.customer_id, row.kind, row.source) == ("k1", "C1", "drawn", "core")
    assert row.at.isoformat() == "2026-06-09T02:00:00+00:00"
    assert row.detail == {"product": "consumer", "amount": "5000.00"}
    assert row.received_at == rig.clock()


def test_the_same_key_twice_is_one_event(rig: Rig) -> None:
    assert told(rig, DRAWN, DRAWN) == ["taken", "known"]
    assert told(rig, DRAWN) == ["known"]
    same_moment = Given("k1", "C1", "drawn", "2026-06-09T02:00:00.000Z", DRAWN.detail)
    assert told(rig, same_moment) == ["known"]
    assert len(rig.rows(tables.CustomerEvent)) == 1


@pytest.mark.parametrize(
    "change",
    [{"kind": "repaid"}, {"at": "2026-06-09T10:00:01+08:00"}, {"detail": {"amount": "5000.01"}}, {"detail": None}],
)
def test_the_same_key_with_other_content_is_a_conflict(rig: Rig, change: dict[str, Any]) -> None:
    other = given(**{"at": DRAWN.at, "detail": DRAWN.detail, **change})
    assert told(rig, DRAWN, other) == ["taken", "conflict"]
    assert told(rig, other) == ["conflict"]
    assert rig.rows(tables.CustomerEvent)[0].detail == DRAWN.detail


def test_the_good_ones_of_a_batch_go_in(rig: Rig) -> None:
    rig.customer("+8613800138001", "C2")
    events = [
        given(key="a"),
        given(key="b", customer_id="C9"),
        given(key="c", kind="?"),
        given(key="d", customer_id="C2"),
    ]
    taken = take(rig.service, "core", events)
    assert [outcome.what for outcome in taken.outcomes] == ["taken", "refused", "refused", "taken"]
    assert taken.outcomes[1] == Outcome("refused", ("customer_id is not known here; import the customer first.",))
    assert (taken.count("taken"), taken.count("refused")) == (2, 2)
    assert [row.event_key for row in rig.rows(tables.CustomerEvent)] == ["a", "d"]


def test_a_key_whose_first_event_was_refused_is_not_given_to_the_second(rig: Rig) -> None:
    """Which of the two its sender meant nobody knows."""
    assert told(rig, given(customer_id="C9"), given()) == ["refused", "conflict"]
    assert rig.rows(tables.CustomerEvent) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key": None}, "key must be"),
        ({"key": ""}, "key must be"),
        ({"key": "a b"}, "key must be"),
        ({"key": "x" * 121}, "key must be"),
        ({"key": 7}, "key must be"),
        ({"key": "键"}, "key must be"),
        ({"customer_id": None}, "customer_id must be"),
        ({"customer_id": "C 1"}, "customer_id must be"),
        ({"customer_id": "C\x001"}, "customer_id must be"),
        ({"customer_id": "C\ud8001"}, "customer_id must be"),
        ({"customer_id": "x" * 65}, "customer_id must be"),
        ({"kind": None}, "kind must be one of page_viewed"),
        ({"kind": "Drawn"}, "kind must be one of"),
        ({"kind": ["drawn"]}, "kind must be one of"),
        ({"at": None}, "at must be a moment"),
        ({"at": "2026-06-09"}, "at must be a moment"),
        ({"at": "2026-06-09T10:00:00"}, "with its zone"),
        ({"at": "2026-06-09 10:00:00+08:00"}, "at must be a moment"),
        ({"at": "2026-06-31T10:00:00Z"}, "at must be a moment"),
        ({"at": "2026-06-09T25:00:00Z"}, "at must be a moment"),
        ({"at": "2026-06-09T10:00:00+99:00"}, "at must be a moment"),
        ({"at": "２０２６-06-09T10:00:00Z"}, "at must be a moment"),
        ({"at": 1780000000}, "at must be a moment"),
        ({"at": "2026-06-10T02:05:01Z"}, "in the future"),
        ({"at": "9999-12-31T23:59:59-23:59"}, "in the future"),
        ({"at": "2025-05-06T01:59:59Z"}, "more than 400 days ago"),
        ({"at": "0001-01-01T00:00:00+23:59"}, "more than 400 days ago"),
        ({"detail": []}, "detail must be an object"),
        ({"detail": "x"}, "detail must be an object"),
        (
            {"detail": {"phone": "+8613800138000"}},
            "detail has a field that drawn does not have; it has: product, amount",
        ),
        ({"detail": {"amount": 5000}}, "detail.amount must be an amount in yuan, as a string"),
        ({"detail": {"amount": "5,000.00"}}, "detail.amount must be an amount"),
        ({"detail": {"amount": "5000.001"}}, "detail.amount must be an amount"),
        ({"detail": {"amount": "-1"}}, "detail.amount must be an amount"),
        ({"detail": {"product": "boat"}}, "detail.product must be one of consumer, business, mortgage, car"),
        ({"kind": "applied", "detail": {"term": 0}}, "detail.term must be a number of months"),
        ({"kind": "applied", "detail": {"term": True}}, "detail.term must be a number of months"),
        ({"kind": "applied", "detail": {"term": "12"}}, "detail.term must be a number of months"),
        ({"kind": "appointment_missed", "detail": {"day": "2026-02-30"}}, "detail.day must be a date"),
        ({"kind": "page_viewed", "detail": {"page": "a\u200bb"}}, "detail.page must be text"),
        ({"kind": "page_viewed", "detail": {"page": " a"}}, "detail.page must be text"),
        ({"kind": "page_viewed", "detail": {"page": "x" * 81}}, "detail.page must be text"),
        ({"kind": "page_viewed", "detail": {"page": {}}}, "detail.page must be text"),
        ({"beside": True}, "no other fields"),
    ],
)
def test_a_bad_event_is_told_its_fault_and_nothing_else(rig: Rig, change: dict[str, Any], reason: str) -> None:
    (outcome,) = take(rig.service, "core", [given(**change)]).outcomes
    assert outcome.what == "refused" and len(outcome.reasons) == 1
    assert reason in outcome.reasons[0] and outcome.reasons[0].endswith(".")
    assert rig.rows(tables.CustomerEvent) == []


def test_every_fault_has_its_sentence(rig: Rig) -> None:
    (outcome,) = take(rig.service, "core", [Given()]).outcomes
    assert [reason.split()[0] for reason in outcome.reasons] == ["key", "customer_id", "kind", "at"]


def test_a_sender_whose_clock_is_a_little_ahead_is_believed(rig: Rig) -> None:
    assert told(rig, given(at="2026-06-10T02:05:00Z"), given(key="k2", at="2025-05-06T02:00:00Z")) == ["taken"] * 2


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_can_be_told_with_all_its_fields(rig: Rig, kind: str) -> None:
    samples = {
        "text": "西湖支行 2",
        "amount": "5360.5",
        "day": "2026-11-30",
        "number": 0,
        "product": "car",
        "term": 480,
    }
    forms = {id(form): name for name, form in FORMS.items()}
    detail = {field: samples[forms[id(form)]] for field, form in kinds()[kind].detail.items()}
    assert told(rig, given(kind=kind, detail=detail)) == ["taken"]
    assert rig.rows(tables.CustomerEvent)[0].detail == detail


def test_the_file_of_kinds_names_no_field_for_personal_data() -> None:
    """Law 11 begins with what is asked for."""
    told = tomllib.loads((files("app.care") / "events.toml").read_text(encoding="utf-8"))
    fields = {field for kind in told.values() for field in kind.get("detail", {})}
    assert not fields & {"name", "phone", "card", "account", "id", "email", "address"}
    assert {"page_viewed", "calculator_used", "appointment_missed", "approved", "drawn", "repaid", "applied"} <= set(
        told
    )


def test_what_is_given_is_never_repeated_in_a_reason() -> None:
    secret = "6222021234567890128"
    bad = Given(f"{secret} ", f"{secret} ", secret, secret, {secret: secret, "amount": secret})
    assert not any(secret in reason for reason in read(bad)[1])
    assert not any(secret in reason for reason in read(given(detail={secret: secret, "amount": secret}))[1])


@pytest.mark.postgres
def test_at_the_same_moment_one_of_many_is_the_event(fresh_postgres_url: Callable[..., str], rig: Rig) -> None:
    """Eight senders tell the same hundred events in different orders, and one of them tells another story."""
    url = fresh_postgres_url(upgrade)
    database = Database(url, threads=8)
    with database.begin() as connection:
        connection.execute(tables.Customer.__table__.insert().values(customer_id="C1"))
    told: list[list[str]] = []
    ready = threading.Barrier(8)

    def send(place: int) -> None:
        events = [given(key=f"k{number}", detail={"product": "car"}) for number in range(100)]
        if place == 7:
            events[50] = given(key="k50", detail={"product": "business"})
        ordered = events if place % 2 else events[::-1]
        ready.wait()
        told.append([outcome.what for outcome in keep(database, f"s{place}", ordered, rig.clock()).outcomes])

    senders = [threading.Thread(target=send, args=(place,)) for place in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    everything = [what for one in told for what in one]
    assert len(everything) == 800 and everything.count("taken") == 100
    assert everything.count("conflict") in {1, 7}, "whoever of the two stories was first"
    with database.begin() as connection:
        held = store.held(connection, [f"k{number}" for number in range(100)])
    assert len(held) == 100
    database.close()


def test_the_document_tells_of_every_kind_and_its_fields() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "links-and-events.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for kind in kinds().values():
        assert kind.title["zh-CN"] in rows[kind.key]
        assert all(f"`{field}`" in rows[kind.key].rpartition("|")[0].rpartition("|")[2] for field in kind.detail)
