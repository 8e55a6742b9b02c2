"""Status callbacks (A2): by either URL, in any order, any number of times, and what they teach the consent ledger."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from app.gateways.port import Receipt, Status
from app.handlers.receipt_came import receive_receipt
from app.handlers.text_leaves import drain
from app.store import outbox, tables
from tests.gateways.harness import CUSTOMER
from tests.web.line import Line

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'

# Rank by rank, as `gateways.md` §2.2 has them; words with one rank exclude each other.
RANKS = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "read": 5}
RANKS |= dict.fromkeys(("delivered", "undelivered", "failed", "canceled"), 4)
WORDS = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.QUEUED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
    "read": Status.READ,
}


EARLY = "SM" + "e" * 32


@pytest.fixture
def sid(line: Line) -> str:
    """Our answer to a text, message 1, is with Twilio."""
    line.say("您好")
    return str(line.twilio.messages[0]["sid"])


def message(line: Line, message_id: int = 1) -> Any:
    return next(row for row in line.rows(tables.Message) if row.id == message_id)


def hand_over(line: Line, sid: str) -> int:
    """One more message of ours goes to Twilio, which calls it `sid`. Gives our own id."""
    now = line.clock()
    words = "【示例银行】您好"
    new = outbox.NewMessage(CUSTOMER, "answer", 0, "test", words, 1, now, now + timedelta(minutes=10))
    with line.service.database.begin() as connection:
        made = outbox.queue(connection, new, now)
    line.twilio.next_answers.append(answer(sid))
    assert drain(line.service) == 1
    return made


def answer(sid: str) -> str:
    return f'{{"sid": "{sid}", "status": "queued"}}'


def send(line: Line, meanwhile: Callable[[int], None], *, dies: bool = False) -> None:
    """Sends what is due; `meanwhile` happens when the text is claimed and its request not yet answered. When the
    process `dies` there, nobody ever hears of the answer."""

    def spread(act: Callable[[Any], None], rows: Iterable[Any]) -> None:
        for row in rows:
            meanwhile(row.id)
            if not dies:
                act(row)

    assert drain(line.service, spread=spread)


@pytest.mark.parametrize("message_id", [1, None], ids=["with our id", "without"])
def test_both_urls_tell_how_far_a_text_has_come(line: Line, sid: str, message_id: int | None) -> None:
    for word in ("sent", "delivered"):
        answer = line.status(sid, word, message_id, RawDlrDoneDate="2606101000")
        assert (answer.status_code, answer.content_type, answer.text) == (200, "text/xml", EMPTY)
        assert message(line).status == WORDS[word]
    assert message(line).status_at == line.clock()
    kept = [(row.message_id, row.gateway_id, row.status) for row in line.rows(tables.Receipt)]
    assert kept == [(1, sid, Status.SENT), (1, sid, Status.DELIVERED)]
    assert line.rows(tables.Receipt)[0].raw["RawDlrDoneDate"] == ["2606101000"]


def test_a_status_never_goes_backwards_for_any_pair(line: Line, sid: str) -> None:
    """All pairs, each on a message of its own, against the table written out above."""
    for n, (first, second) in enumerate(itertools.product(WORDS, repeat=2), 2):
        own = f"SM{n:032x}"
        made = hand_over(line, own)
        line.status(own, first, made)
        line.status(own, second, made)
        # Twilio's answer to the send was "queued", so that lower words find it standing already.
        stands = "queued"
        for word in (first, second):
            if RANKS[word] > RANKS[stands]:
                stands = word
        row = message(line, made)
        assert row.status == WORDS[stands], (first, second)
        final = {word for word in (first, second) if RANKS[word] == 4}
        assert row.conflict is (len(final) == 2 and RANKS[stands] == 4), (first, second)


def test_every_order_of_the_usual_callbacks_ends_delivered(line: Line, sid: str) -> None:
    for n, words in enumerate(itertools.permutations(["queued", "sent", "delivered"]), 2):
        made = hand_over(line, line.sid(n))
        for word in words:
            line.status(line.sid(n), word, made)
            line.status(line.sid(n), word)
        assert message(line, made).status == Status.DELIVERED
        assert message(line, made).conflict is False


def test_a_duplicate_changes_nothing(line: Line, sid: str) -> None:
    line.status(sid, "undelivered", 1, "30005")
    before = line.state()
    for message_id in (1, None, 1):
        assert line.status(sid, "undelivered", message_id, "30005").status_code == 200
    assert line.state() == before


def test_the_same_status_with_another_code_is_kept_and_the_first_stands(line: Line, sid: str) -> None:
    line.status(sid, "undelivered", 1, "30003")
    line.status(sid, "undelivered", 1, "30008")
    assert message(line).error_code == "30003"
    assert [row.error_code for row in line.rows(tables.Receipt)] == ["30003", "30008"]


def test_a_callback_may_overtake_the_answer_to_the_send(line: Line) -> None:
    """The stand-in for a real network answers a create only after its first callback was answered."""
    line.text("您好")
    line.twilio.next_answers.append(answer(EARLY))

    def callback(message_id: int) -> None:
        assert line.status(EARLY, "sent", message_id).status_code == 200
        row = message(line)
        assert (row.state, row.gateway_id, row.status) == ("handed", EARLY, Status.SENT)

    send(line, callback)
    row = message(line)
    assert (row.state, row.gateway_id, row.status, row.lease_until) == ("handed", EARLY, Status.SENT, None)


def test_a_callback_without_our_id_that_overtakes_the_answer_is_kept_and_adopted(line: Line) -> None:
    line.text("您好")
    line.twilio.next_answers.append(answer(EARLY))

    def callbacks(message_id: int) -> None:
        for word, code in (("sent", None), ("undelivered", "30004"), ("queued", None)):
            assert line.status(EARLY, word, code=code).status_code == 200
        assert [receipt.message_id for receipt in line.rows(tables.Receipt)] == [None, None, None]
        assert message(line).status == -1

    send(line, callbacks)
    assert [receipt.message_id for receipt in line.rows(tables.Receipt)] == [1, 1, 1]
    assert (message(line).status, message(line).error_code) == (Status.UNDELIVERED, "30004")
    assert [consent.scope for consent in line.rows(tables.Consent)] == ["gateway"]


def test_orphans_are_adopted_when_a_callback_tells_whose_they_are(line: Line) -> None:
    """The process that sent died before its answer came: only callbacks are left to tell."""
    line.text("您好")
    send(line, lambda _: line.status(EARLY, "undelivered", code="30005"), dies=True)
    line.status(EARLY, "sent", 1)
    assert (message(line).state, message(line).status) == ("handed", Status.UNDELIVERED)
    assert [receipt.message_id for receipt in line.rows(tables.Receipt)] == [1, 1]
    assert [ticket.topic for ticket in line.rows(tables.Ticket)] == ["dead_number"]


def test_a_duplicate_that_tells_whose_an_orphan_is(line: Line) -> None:
    line.text("您好")
    send(line, lambda _: line.status(EARLY, "delivered"), dies=True)
    line.status(EARLY, "delivered", 1)
    assert (message(line).state, message(line).status) == ("handed", Status.DELIVERED)


@pytest.mark.parametrize("message_id", [None, 7, 2**62, 2**63 - 1, 2**63, 2**64, 10**40])
def test_an_unknown_message_is_kept(line: Line, message_id: int | None) -> None:
    answer = line.status("SM" + "f" * 32, "delivered", message_id)
    assert (answer.status_code, answer.text) == (200, EMPTY)
    (receipt,) = line.rows(tables.Receipt)
    assert (receipt.gateway_id, receipt.message_id, receipt.status) == ("SM" + "f" * 32, None, Status.DELIVERED)


@pytest.mark.parametrize("message_id", [2**63, 10**40])
def test_an_id_beyond_every_row_falls_back_on_twilios(line: Line, sid: str, message_id: int) -> None:
    line.status(sid, "delivered", message_id)
    assert message(line).status == Status.DELIVERED


@pytest.mark.parametrize("message_id", ["-1", "abc", "1.5", " 1", "9" * 5000, "0x1", "1/2"])
def test_an_id_that_is_no_number_has_no_page(line: Line, sid: str, message_id: str) -> None:
    assert line.status(sid, "delivered", message_id).status_code == 404


def test_the_id_of_another_message_does_not_lead_astray(line: Line, sid: str) -> None:
    line.say("谢谢您，还有什么可以办")
    second = str(line.twilio.messages[1]["sid"])
    line.status(second, "delivered", 1)
    assert (message(line, 1).status, message(line, 1).gateway_id) == (Status.QUEUED, sid)
    assert (message(line, 2).status, message(line, 2).gateway_id) == (Status.DELIVERED, second)


def test_the_id_of_a_message_that_is_still_here_proves_nothing(line: Line) -> None:
    """Such a number comes from an earlier database, whose callbacks Twilio still repeats."""
    line.text("您好")
    assert line.status("SM" + "d" * 32, "delivered", 1).status_code == 200
    assert (message(line).state, message(line).status, message(line).gateway_id) == ("queued", -1, None)
    line.pump()
    assert (message(line).state, message(line).status) == ("handed", Status.QUEUED)


def test_a_callback_for_a_text_that_another_message_owns_already(line: Line, sid: str) -> None:
    """A look-up took it for the other of two equal texts: the callback must not break on that for ever."""
    line.text("再发一次")
    send(line, lambda _: None, dies=True)
    assert line.status(sid, "delivered", 2).status_code == 200
    assert message(line, 1).status == Status.DELIVERED
    assert (message(line, 2).state, message(line, 2).gateway_id) == ("sending", None)


def test_a_callback_after_we_gave_up_still_proves_the_send(line: Line) -> None:
    line.twilio.next_answers.append("hangup")
    line.text("您好")
    line.pump()
    assert message(line).state == "unsettled"
    (taken,) = line.twilio.messages
    line.twilio.messages.clear()  # the list does not show it yet
    for _ in range(8):
        line.clock.advance(minutes=1)
        line.pump()
    assert (message(line).state, message(line).reason) == ("failed", "never_known")

    line.status(taken["sid"], "delivered", 1)
    row = message(line)
    assert (row.state, row.reason, row.gateway_id, row.status) == ("handed", "", taken["sid"], Status.DELIVERED)
    assert len(line.twilio.requests) == 1


# What a code teaches.


@pytest.mark.parametrize("word", ["failed", "undelivered"])
@pytest.mark.parametrize("code", ["21610", "30004"])
def test_a_refusal_at_the_network_is_written_to_the_ledger(line: Line, sid: str, word: str, code: str) -> None:
    line.status(sid, word, 1, code)
    (row,) = line.rows(tables.Consent)
    assert (row.phone, row.scope, row.verdict, row.source) == (CUSTOMER, "gateway", "refused", "gateway")
    assert row.evidence == f"message:1:{code}"
    assert line.say("ED") == []
    assert message(line, 2).state == "withheld"


def test_the_refusal_of_a_code_that_came_late_counts_too(line: Line, sid: str) -> None:
    line.status(sid, "delivered", 1)
    line.status(sid, "failed", 1, "21610")
    assert message(line).status == Status.DELIVERED
    assert message(line).conflict is True
    assert [row.scope for row in line.rows(tables.Consent)] == ["gateway"]


def test_a_refusal_is_written_once_and_again_after_a_start(line: Line, sid: str) -> None:
    line.status(sid, "failed", 1, "21610")
    line.status(sid, "undelivered", 1, "30004")
    assert len(line.rows(tables.Consent)) == 1
    line.text("START")
    line.say("ED")
    line.status(str(line.twilio.messages[-1]["sid"]), "failed", 2, "21610")
    assert [row.verdict for row in line.rows(tables.Consent)] == ["refused", "granted", "refused"]


def test_a_dead_number_is_looked_at_by_a_person(line: Line, sid: str) -> None:
    line.status(sid, "undelivered", 1, "30005")
    (ticket,) = line.rows(tables.Ticket)
    assert (ticket.kind, ticket.topic, ticket.place, ticket.reason) == ("flag", "dead_number", "message:1", "30005")
    assert line.rows(tables.Consent) == []


@pytest.mark.parametrize("code", ["30003", "30007", "30008", "30036", "30410", "99999", "", "x" * 50, "1\x00"])
def test_every_other_code_is_kept_and_teaches_nothing(line: Line, sid: str, code: str) -> None:
    assert line.status(sid, "undelivered", 1, code).status_code == 200
    assert message(line).status == Status.UNDELIVERED
    assert line.rows(tables.Consent) == line.rows(tables.Ticket) == []


def test_a_code_beside_a_good_status_teaches_nothing(line: Line, sid: str) -> None:
    line.status(sid, "delivered", 1, "21610")
    assert line.rows(tables.Consent) == []


def test_nothing_in_a_receipt_can_keep_it_from_being_stored(line: Line) -> None:
    odd = Receipt("SM1\x00", Status.FAILED, "2\x001610", 1, {"Extra\x00": ("\ud800",), "ErrorMessage": ("x\x00y",)})
    assert receive_receipt(line.service, odd) == "orphan"
    (row,) = line.rows(tables.Receipt)
    assert (row.gateway_id, row.error_code) == ("SM1", "21610")
    assert row.raw == {"Extra": [""], "ErrorMessage": ["xy"]}
