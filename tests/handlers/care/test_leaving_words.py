"""The words of a text as it leaves: the version in force, the gate, and what its route demands."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert

from app.care.routes import ROUTES
from app.handlers.care.leaving import let_go
from app.handlers.care.links import LENGTH, LETTERS
from app.rules.gate import CODES, Draft, judge
from app.store import tables
from tests.handlers.care.campaign import (
    ANN,
    BEN,
    agrees,
    change,
    fate,
    invited,
    message_of,
    planned,
    row_of,
    switch_on,
)
from tests.rig import Rig

MakeRig = Callable[..., Rig]


def version(rig: Rig, key: str, number: int, state: str = "approved", **content: Any) -> None:
    """A version of a text that people wrote and approved."""
    with rig.service.database.begin() as connection:
        connection.execute(
            insert(tables.TemplateVersion).values(
                template=key,
                language="zh-CN",
                version=number,
                content={"purpose": "commercial", "kind": "product", **content},
                state=state,
                author="wen",
                written_at=rig.clock(),
                judged_by="qi",
                judged_at=rig.clock(),
                reason="",
            )
        )


def test_a_retired_text_is_not_approved(bank: Rig) -> None:
    text = planned(bank)
    version(bank, "settled", 1, "retired", body="贷款的新消息，客服{hotline}。")
    let_go(bank.service)
    assert fate(bank, text) == ("held", "not_approved")


def test_a_placeholder_without_value_keeps_the_text_back(bank: Rig) -> None:
    text = planned(bank)
    version(bank, "settled", 1, body="{branch}有新消息，客服{hotline}。")
    let_go(bank.service)
    assert fate(bank, text) == ("held", "missing_value")
    assert bank.rows(tables.Message) == []


def test_words_that_the_gate_refuses_today_do_not_leave(bank: Rig) -> None:
    """The version was approved under older rules."""
    assert CODES["over_promise"].level == "refuse"
    text = planned(bank)
    version(bank, "settled", 1, body="保证通过，客服{hotline}。")
    let_go(bank.service)
    assert fate(bank, text) == ("held", "gate")


def test_a_link_to_somewhere_else_is_held_by_the_gate(bank: Rig) -> None:
    text = planned(bank)
    version(bank, "settled", 1, body="看看 {link} ，客服{hotline}。", target="https://elsewhere.example/offer")
    let_go(bank.service)
    assert fate(bank, text) == ("held", "gate")


def test_the_newest_approved_words_leave_and_the_row_says_which(bank: Rig) -> None:
    text = planned(bank)
    version(bank, "settled", 3, body="{customer}，额度有新消息，客服{hotline}。")
    let_go(bank.service)
    assert row_of(bank, text).version == 3
    assert message_of(bank, text).template == "care.settled@3"
    assert "王先生，额度有新消息" in message_of(bank, text).body


def test_a_text_that_became_an_offer_is_one_for_consent_and_caps(bank: Rig) -> None:
    """A newer version of a service text is commercial: planned as one thing, judged as the other."""
    switch_on(bank, "birthday")
    text = planned(bank, programme="birthday", occasion="2026-06-10")
    change(bank, tables.Occasion, tables.Occasion.id == text, purpose="service", kind="service")
    agrees(bank, ANN, "refused")
    let_go(bank.service)
    assert fate(bank, text) == ("held", "refused")
    agrees(bank, ANN, "granted")
    again = planned(bank, programme="birthday", occasion="2026-06-10b")
    change(bank, tables.Occasion, tables.Occasion.id == again, purpose="service", kind="service")
    let_go(bank.service)
    assert (row_of(bank, again).purpose, row_of(bank, again).kind) == ("commercial", "care")
    assert message_of(bank, again).purpose == "commercial"


# ---- routes -----------------------------------------------------------------------------------------------


def test_the_way_out_is_that_of_the_route_and_is_heard(make_rig: MakeRig) -> None:
    rig = make_rig(route="aggregator", route_templates="settled@0/zh-CN=SMS_1")
    invited(rig)
    switch_on(rig, "settled")
    text = planned(rig)
    let_go(rig.service)
    assert message_of(rig, text).body.endswith(ROUTES["aggregator"].way_out["zh-CN"])
    rig.pump()
    rig.say(ANN, "T")
    assert [(row.scope, row.verdict) for row in rig.rows(tables.Consent)][-1] == ("commercial", "refused")


@pytest.mark.parametrize(
    "settings",
    [
        {"route": "aggregator"},  # no id for the template
        {"route": "tencent", "route_templates": "settled@0/zh-CN=1"},  # closed to banks
        {"route": "aliyun", "route_templates": "settled@0/zh-CN=1"},  # closed to offers of banks
        {"route": "twilio"},  # who cannot answer cannot refuse
    ],
)
def test_what_the_route_does_not_carry_is_held(make_rig: MakeRig, settings: dict[str, str]) -> None:
    rig = make_rig(**settings)
    invited(rig)
    switch_on(rig, "settled")
    text = planned(rig)
    let_go(rig.service)
    assert fate(rig, text) == ("held", "route")
    assert rig.rows(tables.Link) == [], "and no link is made for nothing"


def test_a_route_that_forbids_links_of_ones_own_gets_the_constant_one(make_rig: MakeRig) -> None:
    rig = make_rig(route="aggregator", route_templates="settled@0/zh-CN=SMS_1")
    invited(rig)
    invited(rig, BEN, "C2")
    switch_on(rig, "settled")
    planned(rig)
    planned(rig, BEN, customer_id="C2")
    let_go(rig.service)
    (link,) = rig.rows(tables.Link)
    assert link.occasion_id is None
    bodies = [row.body for row in rig.rows(tables.Message)]
    assert len(bodies) == 2
    assert all(f"/r/{link.code}" in body for body in bodies)


def test_no_link_of_ours_reads_as_something_that_the_gate_refuses(bank: Rig) -> None:
    """Random letters once spelt qq, vx and cvn: one text in a hundred was held for its own link."""
    chance = Random(2)
    for _ in range(5_000):
        code = "".join(chance.choices(LETTERS, k=LENGTH))
        words = f"流程见 https://sms.bank.example/r/{code} 回复1了解，客服95500。拒收请回复TD"
        draft = Draft(
            words=words,
            language="zh-CN",
            purpose="commercial",
            count_parts=bank.service.gateway.count_parts,
            hotline="95500",
            domains=frozenset({"sms.bank.example"}),
        )
        assert judge(draft).refusals == (), code
