"""Why a text of a programme went, what was answered to it, and which text a customer's own words answered (X4)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from click.testing import CliRunner
from sqlalchemy import insert, update

from app.care.menu import Reply
from app.cli import main
from app.handlers.explain import ExplainedMessage, explain_message
from app.store import tables
from tests.begun import begin
from tests.handlers.talk import ANN, last
from tests.rig import Rig

OFFER = "您的额度还没有用过。回复1用款。拒收请回复R"


def explained(rig: Rig, message: int) -> ExplainedMessage:
    found = explain_message(rig.service.database, message)
    assert found is not None
    return found


def linked(rig: Rig, occasion: int, code: str, **more: Any) -> None:
    values = {"code": code, "target": "https://bank.example.com/draw", "occasion_id": occasion, "template": "settled"}
    with rig.service.database.begin() as connection:
        connection.execute(insert(tables.Link).values(**values, created_at=rig.clock(), **more))


def test_a_programmes_text_tells_its_occasion_its_words_its_links_and_what_came_back(rig: Rig) -> None:
    occasion = begin(rig, ANN, OFFER, Reply("1", "guide_draw"), variant="b", occasion="settled:2026-05-26")
    rig.answers(ANN)
    linked(rig, occasion, "a1")
    linked(rig, occasion, "b2", followed_at=rig.clock() + timedelta(minutes=3))
    message = last(rig).id
    rig.say(ANN, "1")
    rig.say(ANN, "TD")
    found = explained(rig, message)
    assert (found.programme, found.texts, found.template_version) == (
        "settled",
        "care.settled@1",
        "settled@1 zh-CN (b)",
    )
    assert found.occasion == f"settled:2026-05-26 (occasion {occasion}, queued 2026-06-10 02:00)"
    assert found.links == (
        "https://bank.example.com/draw (not followed)",
        "https://bank.example.com/draw (followed 2026-06-10 02:03)",
    )
    assert [line.split(": ")[1] for line in found.answered_by] == [
        "chosen 1 1.00 2026-06-10 02:00",
        "refused commercial 0.50 2026-06-10 02:00",
    ]


def test_an_answer_tells_which_text_the_customers_own_words_answered(rig: Rig) -> None:
    occasion = begin(rig, ANN, OFFER, Reply("1", "guide_draw"))
    rig.answers(ANN)
    rig.say(ANN, "1")
    found = explained(rig, last(rig).id)
    assert found.answers_offer == f"settled (occasion {occasion}): chosen 1, confidence 1.00, key:1 age:1"
    assert found.programme == ""


def test_an_occasion_that_is_gone_is_no_obstacle(rig: Rig) -> None:
    begin(rig, ANN, OFFER, Reply("1", "guide_draw"))
    rig.answers(ANN)
    rig.say(ANN, "1")
    with rig.service.database.begin() as connection:
        connection.execute(update(tables.Occasion).values(id=999))
    assert explained(rig, last(rig).id).answers_offer == ""


def test_the_command_shows_it_and_no_word_of_the_customer(rig: Rig) -> None:
    occasion = begin(rig, ANN, OFFER, Reply("1", "guide_draw", ("办理",)))
    rig.answers(ANN)
    message = last(rig).id
    rig.say(ANN, "帮我办理 急用")
    url = {"DATABASE_URL": str(rig.service.database.url)}
    told = CliRunner().invoke(main, ["explain", str(message)], env=url).output
    assert "programme    settled" in told
    assert f"occasion {occasion}" in told
    assert "急用" not in told
    assert ANN not in told
    found = json.loads(CliRunner().invoke(main, ["explain", str(message), "--json"], env=url).output)
    assert found["programme"] == "settled"
    assert len(found["answered_by"]) == 1
