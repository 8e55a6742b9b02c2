"""From the planned text to the answer: the real programme lets it go, the network carries it, the customer replies."""

from __future__ import annotations

import pytest

from app.care.library import shipped as templates
from app.handlers.care.leaving import let_go
from app.store import tables
from tests.handlers.care.campaign import ANN, at, invited, planned, switch_on
from tests.handlers.talk import only
from tests.rig import Rig

NOON = at("2026-06-10 04:00")


def let_out(rig: Rig, programme: str, **more: str) -> tuple[int, str]:
    """The occasion of a programme's text, and what arrived at the handset."""
    rig.clock.set(NOON)
    invited(rig, language=more.get("language", "zh-CN"))
    switch_on(rig, programme)
    occasion = planned(rig, programme=programme, **more)
    assert let_go(rig.service) == 1
    return occasion, only(rig.answers(ANN))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_reply_to_a_programmes_own_words_leads_where_they_say(rig: Rig, language: str) -> None:
    occasion, words = let_out(rig, "settled", language=language)
    rig.clock.advance(minutes=20)
    first = templates()["settled", language].replies[0]
    assert first.key in words
    rig.say(ANN, first.key)
    row = only(rig.rows(tables.Response))
    assert (row.occasion_id, row.meaning, row.choice, row.confidence) == (occasion, "chosen", first.key, 1.0)
    assert rig.rows(tables.Conversation)[0].flow == first.flow


def test_what_the_text_tells_to_send_against_it_counts_as_its_refusal(rig: Rig) -> None:
    occasion, _ = let_out(rig, "settled")
    rig.say(ANN, "TD")
    row = only(rig.rows(tables.Response))
    assert (row.occasion_id, row.meaning) == (occasion, "refused")


def test_a_number_three_days_later_after_a_talk_about_something_else(rig: Rig) -> None:
    occasion, _ = let_out(rig, "settled")
    rig.say(ANN, "怎么还钱")
    rig.say(ANN, "1")
    rig.wait(days=2, hours=22)
    rig.say(ANN, "2")
    rows = rig.rows(tables.Response)
    assert [(row.meaning, row.choice) for row in rows] == [("asked", "repayment_how"), ("chosen", "2")]
    assert all(row.occasion_id == occasion for row in rows)
    assert rows[-1].confidence == pytest.approx(0.425)
    assert rig.rows(tables.Conversation)[0].flow == "callback"
