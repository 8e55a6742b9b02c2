"""One-time codes (A11): derived, three tries, half an hour locked, so many a day, and the last one counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.handlers.desk.proofs import derive, digest
from app.store import tables
from tests.handlers.talk import ANN, BEN, code_in, only, topics, wrong
from tests.rig import Rig


@pytest.fixture
def asked(rig: Rig) -> str:
    """The code that the customer was sent."""
    rig.customer(ANN)
    return code_in(rig.say(ANN, "ED"))


def states(rig: Rig) -> list[str]:
    return [row.state for row in rig.rows(tables.OneTimeCode)]


def told(answers: list[str]) -> bool:
    return any("50,000" in words for words in answers)


def test_the_row_holds_a_keyed_digest_and_not_the_code(rig: Rig, asked: str) -> None:
    row = only(rig.rows(tables.OneTimeCode))
    secret = rig.service.secret
    assert derive(secret, row.nonce, 6) == asked
    assert row.digest == digest(secret, row.nonce, asked) != digest(b"another", row.nonce, asked)
    message = rig.rows(tables.Message)[-1]
    assert (message.code_id, message.purpose) == (row.id, "code")
    assert asked not in message.body
    assert asked not in str(rig.rows(tables.Trace)) + str(rig.rows(tables.Conversation))


def test_a_code_of_four_digits_where_the_bank_wants_it(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(code_digits=4)
    rig.customer(ANN)
    (words,) = rig.say(ANN, "ED")
    code = derive(rig.service.secret, only(rig.rows(tables.OneTimeCode)).nonce, 4)
    assert f"验证码 {code} " in words
    assert told(rig.say(ANN, code))


def test_a_code_counts_once(rig: Rig, asked: str) -> None:
    assert told(rig.say(ANN, asked))
    rig.wait(minutes=11)
    rig.answers(ANN)
    assert not told(rig.say(ANN, asked))
    assert not told(rig.say(ANN, "ED"))
    assert not told(rig.say(ANN, asked))


def test_two_tries_may_go_wrong(rig: Rig, asked: str) -> None:
    assert "2次" in only(rig.say(ANN, wrong(asked)))
    assert "1次" in only(rig.say(ANN, wrong(asked, 2)))
    assert told(rig.say(ANN, asked))


def test_the_third_wrong_try_locks_for_half_an_hour(rig: Rig, asked: str) -> None:
    rig.say(ANN, wrong(asked))
    rig.say(ANN, wrong(asked, 2))
    (words,) = rig.say(ANN, wrong(asked, 3))
    assert "30分钟" in words
    assert "人工" in words
    assert states(rig) == ["locked"]
    assert not told(rig.say(ANN, asked))
    rig.wait(minutes=29)
    rig.answers(ANN)
    answers = rig.say(ANN, "ED")
    assert "1分钟" in only(answers)
    assert states(rig) == ["locked"]
    rig.wait(minutes=2)
    rig.answers(ANN)
    assert told(rig.say(ANN, code_in(rig.say(ANN, "ED"))))


def test_who_is_locked_out_may_talk_to_a_person(rig: Rig, asked: str) -> None:
    for by in (1, 2, 3):
        rig.say(ANN, wrong(asked, by))
    assert "转接" in only(rig.say(ANN, "1"))
    assert topics(rig) == [("locked", "waiting")]
    assert asked not in str(rig.rows(tables.Ticket))


def test_a_lock_is_the_numbers_own(rig: Rig, asked: str) -> None:
    rig.customer(BEN, "C2")
    for by in (1, 2, 3):
        rig.say(ANN, wrong(asked, by))
    assert told(rig.say(BEN, code_in(rig.say(BEN, "ED"))))


def test_wrong_tries_are_not_forgiven_by_a_new_code(rig: Rig, asked: str) -> None:
    """Who may ask for a new code after every two tries can guess for ever."""
    seen = asked
    for _ in range(4):
        rig.say(ANN, wrong(seen))
        rig.say(ANN, wrong(seen, 2))
        answers = rig.say(ANN, "没收到验证码")
        if "locked" in states(rig):
            break
        seen = code_in(answers)
    tries = sum(row.wrong for row in rig.rows(tables.OneTimeCode))
    assert tries <= 3 * rig.service.codes_per_day
    assert not told(rig.answers(ANN))


def test_a_code_is_over_after_five_minutes(rig: Rig, asked: str) -> None:
    rig.clock.advance(minutes=5)
    assert not told(rig.say(ANN, asked))
    assert "open" not in states(rig)


def test_who_does_not_answer_hears_that_it_is_over(rig: Rig, asked: str) -> None:
    rig.wait(minutes=5)
    assert "失效" in only(rig.answers(ANN))
    assert not told(rig.say(ANN, asked))


def test_a_code_holds_until_its_last_second(rig: Rig, asked: str) -> None:
    rig.clock.advance(minutes=4, seconds=59)
    assert told(rig.say(ANN, asked))


def test_a_new_code_ends_the_old_one(rig: Rig, asked: str) -> None:
    fresh = code_in(rig.say(ANN, "没收到验证码"))
    assert states(rig) == ["replaced", "open"]
    if fresh != asked:
        assert not told(rig.say(ANN, asked))
    assert told(rig.say(ANN, fresh))


def test_a_number_gets_five_codes_a_day(rig: Rig, asked: str) -> None:
    for _ in range(4):
        code_in(rig.say(ANN, "没收到验证码"))
    (words,) = rig.say(ANN, "没收到验证码")
    assert "明天" in words
    assert len(states(rig)) == 5
    rig.wait(minutes=10)
    rig.answers(ANN)
    assert "明天" in only(rig.say(ANN, "ED"))
    rig.wait(hours=24)
    rig.answers(ANN)
    assert told(rig.say(ANN, code_in(rig.say(ANN, "ED"))))


def test_a_code_of_another_number_opens_nothing(rig: Rig, asked: str) -> None:
    rig.customer(BEN, "C2")
    other = code_in(rig.say(BEN, "ED"))
    if other != asked:
        assert not told(rig.say(ANN, other))


def test_a_code_that_nobody_asked_for_is_never_confirmed(rig: Rig) -> None:
    rig.customer(ANN)
    answers = rig.say(ANN, "482193")
    assert not told(answers)
    assert rig.rows(tables.OneTimeCode) == []
