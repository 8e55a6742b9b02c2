"""The bank's service when it is slow, down or wrong."""

from __future__ import annotations

import itertools
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.bank.breaker import Breaker
from app.bank.http import HttpBank
from app.bank.port import Answer, BankDown, Question
from tests.bank.conftest import TOKEN, Call, Stranger
from tests.clock import Clock
from tests.servers.service import free_port

QUESTION = Question("quota", "C-13800138000", last4="8000")
FOUND = {"outcome": "found", "facts": {"available": "50000.00", "limit": "80000.00"}}


def found(**facts: Any) -> dict[str, Any]:
    return {"outcome": "found", "facts": {"limit": "80000.00", **facts}}


def ask(stranger: Stranger, **options: Any) -> Answer:
    return HttpBank(stranger.url, TOKEN, new_id=lambda: "r1", **options).answer(QUESTION)


def reason(stranger: Stranger, **options: Any) -> str:
    """Why the bank counts as down; whatever it is, it tells nothing of the customer and no secret."""
    with pytest.raises(BankDown) as told:
        ask(stranger, **options)
    text = str(told.value)
    assert text.endswith(" (request r1)")
    assert not [secret for secret in ("138001", "8000", TOKEN) if secret in text]
    assert told.value.__suppress_context__ or told.value.__context__ is None
    return text.removesuffix(" (request r1)")


def test_the_request_is_the_documented_one(stranger: Stranger) -> None:
    stranger.answers(FOUND)
    assert ask(stranger) == Answer("found", FOUND["facts"])  # type: ignore[arg-type]
    (call,) = stranger.calls
    assert call.path == "/v1/questions"
    assert call.body == {"topic": "quota", "customer_id": "C-13800138000", "last4": "8000"}
    assert call.headers["Authorization"] == f"Bearer {TOKEN}"
    assert call.headers["X-Request-Id"] == "r1"
    assert call.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"<html>Bad gateway</html>", 502, "HTTP 502"),
        (b"<html>Please sign in</html>", 200, "an answer that is not JSON"),
        (b"", 200, "an answer that is not JSON"),
        (b"\xff\xfe", 200, "an answer that is not JSON"),
        (b"[" * 60_000, 200, "an answer that is not JSON"),
        ([FOUND], 200, "an answer that is not a JSON object"),
        ({"outcome": "fine", "facts": {}}, 200, "an answer with an unknown outcome for quota"),
        ({"outcome": "found"}, 200, "an answer with the fact available is missing"),
        ({"outcome": "found", "facts": None}, 200, "an answer with facts is not an object"),
        (found(available=5), 200, "an answer with the fact available is not a string"),
        (found(available="-5"), 200, "an answer with the fact available is not in the form of a money"),
        ({"error": {"code": "unauthorized", "message": "C-13800138000 may not"}}, 401, "HTTP 401 unauthorized"),
        ({"error": {"code": "C-13800138000"}}, 403, "HTTP 403"),
        ({"error": "no"}, 500, "HTTP 500"),
        ({"error": {"code": "unknown_customer"}}, 404, "the bank does not know the customer"),
        (b"404 page not found", 404, "HTTP 404"),
        (b"", 503, "HTTP 503"),
        (FOUND, 201, "HTTP 201"),
        (b" " * 70_000, 200, "an answer of more than 65536 bytes"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_no_answer(stranger: Stranger, body: Any, status: int, expected: str) -> None:
    stranger.answers(body, status)
    assert reason(stranger) == expected


def test_another_card_cannot_be_the_answer_when_none_was_named(stranger: Stranger) -> None:
    stranger.answers({"outcome": "other_card", "facts": {}})
    assert ask(stranger) == Answer("other_card")
    with pytest.raises(BankDown, match="another card"):
        HttpBank(stranger.url).answer(Question("quota", "C-1"))


def test_a_redirect_is_not_followed(stranger: Stranger) -> None:
    stranger.answers(b"", 302, Location=f"{stranger.url}/elsewhere")
    assert reason(stranger) == "HTTP 302"
    assert len(stranger.calls) == 1


def test_a_compressed_answer_is_not_unpacked(stranger: Stranger) -> None:
    stranger.answers(b"\x1f\x8b\x08\x00", Content_Encoding="gzip")
    assert reason(stranger) == "an answer that is not JSON"
    assert stranger.calls[0].headers["Accept-Encoding"] == "identity"


def test_nobody_listens() -> None:
    with pytest.raises(BankDown, match="no connection"):
        HttpBank(f"http://127.0.0.1:{free_port()}").answer(QUESTION)


def test_silence_ends_with_the_timeout(stranger: Stranger) -> None:
    stranger.does = Call.never_answer
    assert reason(stranger, timeout_seconds=0.1) == "no answer in time"


def test_silence_in_the_middle_of_an_answer_ends_with_the_timeout(stranger: Stranger) -> None:
    def half(call: Call) -> None:
        call.start(200, {"Content-Length": "100"})
        call.send(b'{"outcome":')
        call.never_answer()

    stranger.does = half
    assert reason(stranger, timeout_seconds=0.1) == "no answer in time"


def test_an_answer_that_trickles_ends_with_the_timeout_as_a_whole(stranger: Stranger) -> None:
    """Each byte comes in time; by the clock that is asked after each, two seconds have passed."""
    stranger.answers(FOUND)
    ticks = itertools.count(step=2)
    assert reason(stranger, timeout_seconds=1, clock=lambda: next(ticks)) == "no whole answer in time"


def test_an_answer_cut_short_is_no_answer(stranger: Stranger) -> None:
    def cut(call: Call) -> None:
        call.start(200, {"Content-Length": "100"})
        call.send(b'{"outcome":')
        call.hang_up()

    stranger.does = cut
    assert reason(stranger) == "no connection (ProtocolError)"


def test_a_kept_connection_that_died_is_asked_once_more(stranger: Stranger) -> None:
    bank = HttpBank(stranger.url)
    stranger.does = lambda call: call.hang_up() if len(stranger.calls) == 2 else call.answer(FOUND)
    assert bank.answer(QUESTION).outcome == "found"
    assert bank.answer(QUESTION).outcome == "found"
    assert len(stranger.calls) == 3


def test_a_bank_that_always_hangs_up_is_asked_twice_at_most(stranger: Stranger) -> None:
    stranger.does = Call.hang_up
    assert reason(stranger) == "no connection (ConnectionError)"
    assert len(stranger.calls) == 2


def test_a_bank_that_is_down_is_left_in_peace_and_found_again(stranger: Stranger, clock: Clock) -> None:
    breaker = Breaker(failures=3, rest_seconds=30, clock=lambda: clock().timestamp())
    stranger.answers(b"", 503)
    for _ in range(10):
        with pytest.raises(BankDown):
            HttpBank(stranger.url, breaker=breaker).answer(QUESTION)
    assert len(stranger.calls) == 3

    stranger.answers(FOUND)
    assert "circuit open" in reason(stranger, breaker=breaker)
    clock.advance(seconds=30)
    assert ask(stranger, breaker=breaker).outcome == "found"
    assert len(stranger.calls) == 4


def test_threads_share_one_bank_and_each_gets_its_own_answer(stranger: Stranger) -> None:
    stranger.does = lambda call: call.answer(
        {"outcome": "found", "facts": {"available": call.body["customer_id"], "limit": "9"}}
    )
    bank = HttpBank(stranger.url)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: bank.answer(Question("quota", str(n))), range(100)))
    assert [answer.facts["available"] for answer in answers] == [f"{n}.00" for n in range(100)]


def test_cookies_of_one_answer_do_not_travel_with_the_next_customer(stranger: Stranger) -> None:
    stranger.answers(FOUND, Set_Cookie="customer=C-13800138000; Path=/")
    bank = HttpBank(stranger.url)
    bank.answer(QUESTION)
    bank.answer(QUESTION)
    assert stranger.calls[1].headers["Cookie"] is None


def test_logs_hold_no_customer_and_no_token(stranger: Stranger, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")  # the service keeps it quiet; another test may have done so
    stranger.answers(FOUND)
    ask(stranger)
    assert caplog.records
    assert "138001" not in caplog.text and TOKEN not in caplog.text
