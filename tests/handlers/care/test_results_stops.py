"""A programme that annoys stops itself, on evidence, and a person with a reason switches it on again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from app.care.trial import Share, surely_above
from app.handlers.care import stops, switches
from app.handlers.care.daily import look_after_programmes
from app.handlers.care.stops import AT_ONCE, FEWEST, NoReason, resume, stop_if_refused
from app.store import tables
from tests.handlers.care.campaign import BEN, invited, switch_on
from tests.handlers.care.outcomes import text
from tests.laws.crashes import Crash, Fuse, FusedDatabase
from tests.rig import Rig

LIMIT = 0.02


@pytest.fixture
def on(rig: Rig) -> Rig:
    switch_on(rig, "settled", "birthday_offer")
    rig.clock.advance(minutes=5)
    return rig


def sent(
    rig: Rig, texts: int, annoyed: int = 0, programme: str = "settled", meaning: str = "refused", **more: object
) -> None:
    for place in range(texts):
        answers = (meaning,) if place < annoyed else ()
        text(rig.service.database, rig.clock(), programme, answers=answers, **more)  # type: ignore[arg-type]


def look(rig: Rig) -> list[str]:
    rig.clock.advance(minutes=2)
    return stop_if_refused(rig.service)


def die() -> None:
    raise Crash


def state(rig: Rig, key: str = "settled") -> switches.State:
    with rig.service.database.begin() as connection:
        return switches.state(connection, key)


@pytest.mark.parametrize("meaning", ["refused", "complained"])
def test_it_stops_when_surely_too_many_were_annoyed(on: Rig, meaning: str) -> None:
    sent(on, 100, 8, meaning=meaning)
    sent(on, 100, 0, "birthday_offer")
    waiting = text(on.service.database, on.clock() + timedelta(hours=1), state="planned")
    assert look(on) == ["settled"]
    found = state(on)
    assert (found.on, found.stopped, found.by) == (False, "refusals", "huifu")
    assert (found.told["annoyed"], found.told["reached"], found.told["limit"]) == (8, 100, LIMIT)
    assert state(on, "birthday_offer").on
    row = on.rows(tables.Audit)[-1]
    assert (row.actor, row.action, row.subject) == ("huifu", "programme.off", "programme:settled")
    assert (row.detail["annoyed"], row.detail["reached"]) == (8, 100)
    assert on.rows(tables.ConsoleEvent)[-1].kind == "settings"
    assert {one.id: one.state for one in on.rows(tables.Occasion)}[waiting] != "queued"
    assert look(on) == []


def test_what_stops_now_plans_nobody_any_more_in_the_same_look(on: Rig) -> None:
    sent(on, 100, 8)
    settled_on = on.clock().date() - timedelta(days=16)
    invited(on, BEN, "C9", settled_on=settled_on)
    on.clock.advance(minutes=2)
    look_after_programmes(on.service)
    assert state(on).stopped == "refusals"
    assert [row.programme for row in on.rows(tables.Occasion) if row.customer_id == "C9"] == []


@pytest.mark.parametrize(
    ("texts", "annoyed"), [(100, 2), (100, 6), (400, 8), (FEWEST - 1, AT_ONCE - 1), (1, 1), (0, 0)]
)
def test_it_does_not_stop_on_little_evidence(on: Rig, texts: int, annoyed: int) -> None:
    sent(on, texts, annoyed)
    assert look(on) == []
    assert state(on).on


def test_few_texts_are_enough_for_a_catastrophe(on: Rig) -> None:
    sent(on, 12, AT_ONCE)
    assert look(on) == ["settled"]


def test_only_what_arrived_counts(on: Rig) -> None:
    """Receipts that are late make no share larger: neither side of it is counted without them."""
    sent(on, 300)
    sent(on, 60, 20, status=3)
    assert look(on) == []


def test_where_no_receipts_come_what_the_gateway_took_counts(on: Rig) -> None:
    sent(on, 100, 8, status=3)
    assert look(on) == ["settled"]


def test_a_customer_who_is_angry_twice_is_one(on: Rig) -> None:
    for _ in range(4):
        text(on.service.database, on.clock(), "settled", answers=("refused", "complained", "refused"))
    sent(on, 60)
    assert look(on) == []


def test_one_bad_text_stops_every_programme_that_sends_it(on: Rig) -> None:
    """Neither programme passes its limit by itself; the text that they share does."""
    for programme in ("settled", "birthday_offer"):
        sent(on, 60, 4, programme, template="shared")
        sent(on, 200, 0, programme)
    assert sorted(look(on)) == ["birthday_offer", "settled"]
    assert state(on).told["template"] == "shared"


def test_a_text_is_judged_by_all_that_were_sent_of_it(on: Rig) -> None:
    sent(on, 60, 4, template="shared")
    sent(on, 400, 0, template="mild")
    sent(on, 300, 0, "birthday_offer", template="shared")
    assert look(on) == []


def test_it_is_judged_again_when_more_were_annoyed(on: Rig) -> None:
    sent(on, 60, 2)
    assert look(on) == []
    assert look(on) == []
    sent(on, 6, 6)
    assert look(on) == ["settled"]


@pytest.mark.parametrize("template", ["", "shared"])
def test_a_process_that_dies_before_it_switches_is_followed_by_one_that_does(on: Rig, template: str) -> None:
    sent(on, 100, 8, **({"template": template} if template else {}))
    fuse = Fuse()
    database = FusedDatabase(on.service.database.url.render_as_string(hide_password=False), fuse)
    fuse.once("after commit", die)
    on.clock.advance(minutes=2)
    with pytest.raises(Crash):
        stop_if_refused(replace(on.service, database=database))
    database.close()
    assert state(on).on
    assert look(on) == ["settled"]


def test_it_looks_once_a_minute_whoever_asks(on: Rig) -> None:
    assert look(on) == []
    sent(on, 100, 8)
    on.clock.advance(seconds=30)
    assert stop_if_refused(on.service) == []
    on.clock.advance(seconds=30)
    assert stop_if_refused(on.service) == ["settled"]


def test_what_is_off_is_not_looked_at(rig: Rig) -> None:
    sent(rig, 100, 50)
    assert look(rig) == []
    assert rig.rows(tables.Audit) == []


def test_old_texts_count_no_more(on: Rig) -> None:
    sent(on, 100, 50)
    on.clock.advance(days=31)
    assert look(on) == []


def test_a_person_with_a_reason_switches_it_on_again(on: Rig) -> None:
    sent(on, 100, 8)
    assert look(on) == ["settled"]
    for said in ("", "  ", "ok", "x" * 201):
        with pytest.raises(NoReason, match=r"^because: "):
            resume(on.service, "运营", "settled", said)
    with pytest.raises(switches.StoppedItself):
        switches.switch(on.service, "运营", "settled", True)
    assert not state(on).on
    assert resume(on.service, "运营", "settled", "模板已改，去掉了催促的话")
    found = state(on)
    assert (found.on, found.stopped, found.by) == (True, "", "运营")
    row = on.rows(tables.Audit)[-1]
    assert (row.actor, row.action, row.detail["because"]) == ("运营", "programme.on", "模板已改，去掉了催促的话")
    assert look(on) == []  # what was refused before counts no more
    sent(on, 100, 9)
    assert look(on) == ["settled"]


def test_a_programme_with_half_the_refusals_that_it_may_have_runs_on() -> None:
    """However often one looks: at each answer in a campaign of 5,000 texts, over and over."""
    random = np.random.default_rng(5)
    stopped = 0
    for _ in range(400):
        came = np.cumsum(random.random(5000) < LIMIT / 2)
        for texts in np.flatnonzero(np.diff(came, prepend=0)) + 1:
            hits = int(came[texts - 1])
            enough = texts >= FEWEST or hits >= AT_ONCE
            if enough and surely_above(Share(hits, int(texts)), LIMIT):
                stopped += 1
                break
    assert stopped / 400 <= 0.03


def test_a_programme_with_twice_the_refusals_is_stopped_early() -> None:
    random = np.random.default_rng(6)
    after = []
    for _ in range(200):
        came = np.cumsum(random.random(5000) < 2 * LIMIT)
        after.append(
            next(
                (
                    int(texts)
                    for texts in np.flatnonzero(np.diff(came, prepend=0)) + 1
                    if texts >= FEWEST and surely_above(Share(int(came[texts - 1]), int(texts)), LIMIT)
                ),
                5000,
            )
        )
    assert max(after) < 2500
    assert float(np.median(after)) < 700


def test_the_limit_is_the_programmes_own() -> None:
    assert all(0 < one.stop_at <= 0.1 for one in switches.shipped().values())
    assert stops.EVERY <= timedelta(minutes=1)
