"""OptOutType and Twilio's own STOP words: recorded, and silence; after them nothing leaves for the number at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.store import outbox, tables
from tests.gateways.harness import CUSTOMER
from tests.web.line import Line

STOP_WORDS = ["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"]


def ledger(line: Line) -> list[tuple[str, str, str]]:
    return [(row.scope, row.verdict, row.source) for row in line.rows(tables.Consent)]


REFUSED = [("gateway", "refused", "gateway_keyword"), ("commercial", "refused", "gateway_keyword")]


def queue(line: Line, purpose: str, lane: int) -> int:
    now = line.clock()
    new = outbox.NewMessage(CUSTOMER, purpose, lane, "test", "【示例银行】", 1, now, now + timedelta(hours=1))
    with line.service.database.begin() as connection:
        return outbox.queue(connection, new, now)


def states(line: Line) -> dict[int, tuple[str, str]]:
    return {row.id: (row.state, row.reason) for row in line.rows(tables.Message)}


@pytest.mark.parametrize("word", [*STOP_WORDS, "stop", "Stop", "sToPaLl"])
def test_a_word_that_twilio_answers_is_recorded_in_silence(line: Line, word: str) -> None:
    assert line.say(word) == []
    assert ledger(line) == REFUSED
    assert [row.evidence for row in line.rows(tables.Consent)] == ["inbound:1"] * 2
    assert line.rows(tables.Inbound)[0].keyword == "stop"
    assert line.rows(tables.Message) == []


@pytest.mark.parametrize("word", ["退订", "停止", "whatever the bank put in its list"])
def test_advanced_opt_out_tells_in_any_language(line: Line, word: str) -> None:
    assert line.say(word, OptOutType="STOP") == []
    assert ledger(line) == REFUSED


@pytest.mark.parametrize("word", ["STOP PLEASE", "stop it", "STOP.", "please unsubscribe me"])
def test_a_stop_that_twilio_does_not_know_is_ours_to_confirm(line: Line, word: str) -> None:
    """Only the whole single word blocks at Twilio; whoever says it otherwise must still be heard, and be told."""
    assert len(line.say(word)) == 1
    assert [(scope, verdict) for scope, verdict, _ in ledger(line)] == [("commercial", "refused")]


def test_an_unknown_kind_of_opt_out_is_read_as_a_text(line: Line) -> None:
    assert len(line.say("STOP", OptOutType="PAUSE")) == 1
    assert [(scope, verdict) for scope, verdict, _ in ledger(line)] == [("commercial", "refused")]


def test_a_stop_at_a_short_code_is_ours_to_answer(line: Line) -> None:
    assert len(line.say("STOP", To="95588")) == 1


@pytest.mark.parametrize("open_question", ["ED", "怎么还钱", "明天下午给我打电话"])
def test_a_stop_counts_in_the_middle_of_anything(line: Line, open_question: str) -> None:
    line.say(open_question)
    assert line.say("STOP") == []
    assert ledger(line) == REFUSED


def test_after_a_stop_nothing_leaves_whatever_it_is_for(line: Line) -> None:
    queued = {name: queue(line, name, lane) for name, lane in PURPOSES.items()}
    line.text("STOP")
    later = {name: queue(line, name, lane) for name, lane in PURPOSES.items()}
    line.pump()
    assert line.twilio.requests == []
    found = states(line)
    assert found[queued["commercial"]] == found[queued["reminder"]] == ("withdrawn", "refused:gateway")
    for name in ("answer", "code", "service"):
        assert found[queued[name]] == ("withheld", "refused")
    assert {found[made] for made in later.values()} == {("withheld", "refused")}


PURPOSES = {"answer": 0, "code": 0, "reminder": 1, "service": 1, "commercial": 2}


def test_an_answer_that_was_queued_before_the_stop_is_withheld(line: Line) -> None:
    line.text("ED")
    line.text("STOP")
    line.pump()
    assert line.twilio.requests == []
    assert states(line) == {1: ("withheld", "refused")}


def test_a_question_after_a_stop_is_kept_and_cannot_be_answered(line: Line) -> None:
    line.say("STOP")
    assert line.say("我还有多少额度") == []
    assert line.rows(tables.Inbound)[-1].state == "taken"
    assert set(states(line).values()) == {("withheld", "refused")}


@pytest.mark.parametrize(("word", "more"), [("START", {}), ("unstop", {}), ("恢复", {"OptOutType": "START"})])
def test_a_start_lifts_the_block_and_not_the_refusal_of_offers(line: Line, word: str, more: dict[str, Any]) -> None:
    line.say("STOP")
    assert line.say(word, **more) == []
    assert ledger(line)[2:] == [("gateway", "granted", "gateway_keyword")]
    assert len(line.say("您好")) == 1
    offer = queue(line, "commercial", 2)
    line.pump()
    assert states(line)[offer] == ("withheld", "refused")
    assert len(line.say("HF")) == 1
    offer = queue(line, "commercial", 2)
    line.pump()
    assert states(line)[offer][0] == "handed"


def test_what_was_withheld_does_not_come_with_the_start(line: Line) -> None:
    line.text("ED")
    line.text("STOP")
    line.pump()
    assert line.say("START") == []
    assert states(line) == {1: ("withheld", "refused")}


@pytest.mark.parametrize(("word", "more"), [("HELP", {}), ("info", {}), ("帮助", {"OptOutType": "HELP"})])
def test_a_help_that_twilio_answers_is_not_answered_twice(line: Line, word: str, more: dict[str, Any]) -> None:
    assert line.say(word, **more) == []
    assert ledger(line) == []
    assert line.rows(tables.Inbound)[0].keyword == "help"


def test_a_yes_is_an_answer_to_us_and_lifts_nothing(line: Line) -> None:
    line.say("STOP")
    line.say("YES")
    assert ledger(line) == REFUSED


def test_a_stop_that_came_twice_is_one(line: Line) -> None:
    form = line.form("STOP")
    line.post(form)
    line.post(form)
    assert ledger(line) == REFUSED


def test_a_refused_send_teaches_what_no_text_told(line: Line) -> None:
    """21610 without a STOP that we saw: the block was set elsewhere."""
    line.twilio.next_answers.append((400, 21610))
    line.say("您好")
    assert ledger(line) == [("gateway", "refused", "gateway")]
    assert states(line) == {1: ("failed", "opted_out")}
    before = len(line.twilio.requests)
    line.say("您好，在吗")
    assert len(line.twilio.requests) == before
