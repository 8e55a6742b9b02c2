"""Answers to texts that began conversations are rows: with their turn, once, and of what had been sent by then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.care.menu import Reply
from app.gateways.port import InboundText
from app.handlers import text_arrived
from app.handlers.agent_acted import claim
from app.store import tables
from app.store.migrate import upgrade
from tests.begun import begin
from tests.clock import Clock
from tests.handlers.talk import ANN, BEN, only
from tests.handlers.test_failing_turns import broken
from tests.rig import Rig, sqlite_url

OFFER = "您的额度还没有用过。回复1用款 2查额度。拒收请回复R"
MENU = (Reply("1", "guide_draw", ("用款", "办理")), Reply("2", "quota", ("额度",)))
RENEW = Reply("1", "guide_renew_limit", ("续期",))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Rig]:
    if request.param == "postgresql":
        made = Rig(request.getfixturevalue("fresh_postgres_url")(upgrade), clock)
    else:
        made = Rig(sqlite_url(tmp_path), clock)
    made.customer(ANN)
    yield made
    made.close()


def offer(rig: Rig, phone: str = ANN, *menu: Reply, **more: Any) -> int:
    """An offer that has reached the handset; its occasion."""
    occasion = begin(rig, phone, more.pop("words", OFFER), *(menu or MENU), **more)
    rig.answers(phone)
    return occasion


def inbound(body: str, **more: Any) -> InboundText:
    return InboundText(gateway_id="X1", sender=ANN, recipient="95500", body=body, media=0, raw={}, **more)


def told(rig: Rig) -> list[tuple[int, str, str, float]]:
    return [(row.occasion_id, row.meaning, row.choice, row.confidence) for row in rig.rows(tables.Response)]


def test_a_choice_is_kept_with_the_text_that_offered_it_and_leads_there(rig: Rig) -> None:
    occasion = offer(rig)
    rig.clock.advance(minutes=5)
    assert "(1/3)" in only(rig.say(ANN, "1"))
    row = only(rig.rows(tables.Response))
    assert (row.occasion_id, row.meaning, row.choice, row.confidence) == (occasion, "chosen", "1", 1.0)
    assert (row.phone, row.inbound_id, row.at) == (ANN, only(rig.rows(tables.Inbound)).id, rig.clock())


def test_a_text_that_is_delivered_twice_is_one_answer(rig: Rig) -> None:
    offer(rig)
    rig.text(ANN, "办理", sid="SM1")
    rig.text(ANN, "办理", sid="SM1")
    rig.pump()
    assert len(rig.rows(tables.Response)) == 1


def test_an_answer_and_its_turn_are_kept_together_or_not_at_all(rig: Rig) -> None:
    offer(rig)
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "1")
    assert rig.rows(tables.Response) == []
    rig.pump()
    assert [one[1:3] for one in told(rig)] == [("chosen", "1")]


def test_a_text_that_waited_answers_what_had_been_sent_when_it_came(rig: Rig) -> None:
    occasion = offer(rig)
    rig.clock.advance(minutes=5)
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "1")
    came = rig.clock()
    rig.clock.advance(minutes=10)
    begin(rig, ANN, "您的额度30天后到期。回复1续期", RENEW, programme="limit_expiring", kind="service")
    assert "(1/3) 手机银行首页>贷款>我要借款" in " ".join(rig.answers(ANN))
    assert told(rig) == [(occasion, "chosen", "1", 1.0)]
    assert only(rig.rows(tables.Response)).at == came


@pytest.mark.parametrize("state", ["queued", "withheld", "withdrawn", "failed"])
def test_what_never_left_is_not_answered(rig: Rig, state: str) -> None:
    offer(rig)
    with rig.service.database.begin() as connection:
        connection.execute(update(tables.Message).values(state=state, due_at=rig.clock() + timedelta(days=1)))
    assert "您好，想办哪件事" in only(rig.say(ANN, "1"))
    assert told(rig) == []


def test_what_is_older_than_a_month_is_not_answered(rig: Rig) -> None:
    offer(rig)
    rig.clock.advance(days=31)
    assert "您好，想办哪件事" in only(rig.say(ANN, "1"))
    assert told(rig) == []


def test_another_number_has_no_part_in_it(rig: Rig) -> None:
    offer(rig)
    rig.say(BEN, "1")
    assert told(rig) == []


def test_the_last_three_may_be_meant(rig: Rig) -> None:
    for n in range(4):
        offer(rig, ANN, Reply(f"Q{n}", "quota", (f"第{n}种",)), programme=f"p{n}")
        rig.clock.advance(hours=1)
    rig.say(ANN, "Q0")
    assert [meaning for _, meaning, *_ in told(rig)] == ["other"]
    rig.say(ANN, "Q1")
    assert told(rig)[-1][1:3] == ("chosen", "Q1")


def test_the_gateways_own_stop_counts_against_the_offer(rig: Rig) -> None:
    occasion = offer(rig)
    text_arrived.receive(rig.service, inbound("STOP", keyword="stop"))
    assert told(rig) == [(occasion, "refused", "gateway", 1.0)]


def test_a_refusal_whose_turn_fails_for_good_counts_too(rig: Rig) -> None:
    occasion = offer(rig)
    with broken(rig, "INSERT INTO trace"):
        rig.text(ANN, "TD")
        for _ in range(3):
            rig.wait(seconds=5)
    assert [row.scope for row in rig.rows(tables.Consent)] == ["commercial"]
    assert told(rig) == [(occasion, "refused", "commercial", 1.0)]


def test_an_agents_talk_is_no_answer(rig: Rig) -> None:
    offer(rig)
    rig.say(ANN, "转人工")
    claim(rig.service, only(rig.rows(tables.Ticket)).id, "li")
    rig.say(ANN, "1")
    assert [meaning for _, meaning, *_ in told(rig)] == ["person"]
