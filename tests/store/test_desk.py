"""Codes, tickets, callbacks, timers and bank questions: each claimed by one, and settled once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.store import callbacks, codes, consents, facts, outbox, people, tables, tickets, waits
from app.store.database import Database
from app.store.outbox import NewMessage
from tests.clock import START

NOW = START
ANN, BEN = "+8613800138000", "+8613800138001"


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


# Codes.


def issue(connection: Connection, phone: str = ANN, customer: str = "C1", now: datetime = NOW) -> int:
    return codes.issue(
        connection,
        phone=phone,
        customer_id=customer,
        nonce="n",
        digest="d",
        digits=6,
        now=now,
        expires_at=now + timedelta(minutes=5),
    )


def test_a_new_code_replaces_the_open_one_of_its_number(database: Database) -> None:
    with database.begin() as connection:
        first, other = issue(connection), issue(connection, BEN)
        second = issue(connection)
        assert codes.by_id(connection, first).state == "replaced"
        assert codes.by_id(connection, other).state == "open"
        latest = codes.latest(connection, ANN)
        assert (latest.id, latest.state, latest.expires_at) == (second, "open", minutes(5))


def test_a_code_that_was_used_or_locked_stays_so(database: Database) -> None:
    with database.begin() as connection:
        used, locked = issue(connection), issue(connection, BEN)
        codes.close(connection, used, "used")
        codes.lock(connection, locked, minutes(30))
        issue(connection)
        issue(connection, BEN)
        assert codes.by_id(connection, used).state == "used"
        assert codes.by_id(connection, locked).state == "locked"


def test_wrong_tries_are_counted_and_lock_for_their_time(database: Database) -> None:
    with database.begin() as connection:
        made = issue(connection)
        assert [codes.wrong_try(connection, made) for _ in range(3)] == [1, 2, 3]
        codes.lock(connection, made, minutes(30))
        assert codes.locked_until(connection, ANN, NOW) == minutes(30)
        assert codes.locked_until(connection, ANN, minutes(29.9)) == minutes(30)
        assert codes.locked_until(connection, ANN, minutes(30)) is None
        assert codes.locked_until(connection, BEN, NOW) is None


def test_codes_are_counted_by_number_and_day(database: Database) -> None:
    with database.begin() as connection:
        for at in (-25, -24, -1, 0):
            issue(connection, now=NOW + timedelta(hours=at))
        issue(connection, BEN)
        assert codes.issued_since(connection, ANN, NOW - timedelta(hours=24)) == 3


def test_the_last_passed_code_says_who_is_proven(database: Database) -> None:
    with database.begin() as connection:
        assert codes.proven_customer(connection, ANN) is None
        for customer, state in (("C1", "used"), ("C2", "used"), ("C3", "expired")):
            codes.close(connection, issue(connection, customer=customer), state)
        assert codes.proven_customer(connection, ANN) == "C2"


# Tickets.


def ticket(connection: Connection, phone: str = ANN, kind: str = "talk", topic: str = "human") -> int:
    return tickets.add(connection, phone=phone, kind=kind, topic=topic, place="", reason="", language="zh-CN", now=NOW)


def test_a_number_has_one_open_talk_and_any_number_of_flags(database: Database) -> None:
    with database.begin() as connection:
        first = ticket(connection)
        for _ in range(2):
            ticket(connection, kind="flag")
        assert tickets.open_talk(connection, ANN).id == first
        assert tickets.open_talk(connection, BEN) is None
    with pytest.raises(IntegrityError), database.begin() as connection:
        ticket(connection)
    with database.begin() as connection:
        assert tickets.claim(connection, first, "li", NOW)
    with pytest.raises(IntegrityError), database.begin() as connection:
        ticket(connection)
    with database.begin() as connection:
        assert tickets.close(connection, first, "li", NOW)
        assert ticket(connection) != first


def test_one_agent_gets_a_ticket_and_only_that_one_closes_it(database: Database) -> None:
    with database.begin() as connection:
        made, flag = ticket(connection), ticket(connection, kind="flag")
        assert [tickets.claim(connection, made, agent, NOW) for agent in ("li", "wu", "li")] == [True, False, False]
        assert not tickets.close(connection, made, "wu", NOW)
        assert tickets.close(connection, made, "li", NOW)
        assert not tickets.close(connection, made, "li", NOW)
        assert not tickets.claim(connection, made, "wu", NOW)
        assert tickets.close(connection, flag, "wu", NOW)  # a flag is done without being claimed
        found = tickets.by_id(connection, made)
        assert (found.state, found.agent, found.claimed_at, found.closed_at) == ("closed", "li", NOW, NOW)


def test_only_talks_that_wait_in_front_count(database: Database) -> None:
    with database.begin() as connection:
        claimed = ticket(connection, "+1")
        tickets.claim(connection, claimed, "li", NOW)
        ticket(connection, "+2", kind="flag")
        ticket(connection, "+3")
        mine = ticket(connection)
        ticket(connection, "+4")
        assert tickets.ahead_of(connection, mine) == 1


def test_an_open_talk_remembers_that_the_customer_wrote_again(database: Database) -> None:
    with database.begin() as connection:
        made, other = ticket(connection), ticket(connection, BEN)
        tickets.text_came(connection, ANN, minutes(1))
        assert tickets.by_id(connection, made).last_text_at == minutes(1)
        assert tickets.by_id(connection, other).last_text_at is None
        assert [row.id for row in tickets.listed(connection, ("waiting",), 1)] == [made]


# Callbacks.


def book(connection: Connection, phone: str = ANN, at: float = 60) -> int:
    return callbacks.book(
        connection,
        phone=phone,
        call_phone=phone,
        starts_at=minutes(at),
        ends_at=minutes(at + 60),
        topic="",
        now=NOW,
    )


def test_a_number_has_one_booked_callback(database: Database) -> None:
    with database.begin() as connection:
        callbacks.one_at_a_time(connection)
        first = book(connection)
        assert callbacks.booked(connection, ANN).id == first
    with pytest.raises(IntegrityError), database.begin() as connection:
        book(connection, at=120)
    with database.begin() as connection:
        assert callbacks.settle(connection, first, "cancelled", "customer", NOW)
        assert not callbacks.settle(connection, first, "missed", "clock", NOW)
        assert callbacks.booked(connection, ANN) is None
        second = book(connection, at=120)
        found = callbacks.by_id(connection, first)
        assert (found.state, found.settled_by, found.settled_at) == ("cancelled", "customer", NOW)
        assert [row.id for row in callbacks.listed(connection, ("booked",), 9)] == [second]


def test_taken_slots_are_counted_by_their_start(database: Database) -> None:
    with database.begin() as connection:
        for n, at in enumerate((60, 60, 120, 180)):
            made = book(connection, f"+{n}", at)
            if at == 120:
                callbacks.settle(connection, made, "cancelled", "customer", NOW)
        assert callbacks.taken(connection, minutes(60), minutes(180)) == {minutes(60): 2}
        assert callbacks.taken(connection, minutes(61), minutes(181)) == {minutes(180): 1}


# Timers.


def test_a_timer_is_set_anew_for_its_subject(database: Database) -> None:
    with database.begin() as connection:
        waits.set_timer(connection, ANN, "promise", 1, minutes(1))
        waits.set_timer(connection, ANN, "promise", 1, minutes(2))
        waits.set_timer(connection, BEN, "promise", 2, minutes(1.5))
        waits.set_timer(connection, ANN, "callback_missed", 1, minutes(1))
        assert [(row.name, row.subject) for row in waits.due_timers(connection, minutes(1.5), 9)] == [
            ("callback_missed", 1),
            ("promise", 2),
        ]
        (first,) = waits.due_timers(connection, minutes(2), 1)
        assert first.name == "callback_missed"
        waits.put_off_timer(connection, first.id, minutes(9))
        waits.drop_timer(connection, "promise", 2)
        assert [row.due_at for row in waits.due_timers(connection, minutes(9), 9)] == [minutes(2), minutes(9)]


def test_a_due_timer_is_taken_once(database: Database) -> None:
    with database.begin() as connection:
        waits.set_timer(connection, ANN, "promise", 1, NOW)
        waits.set_timer(connection, BEN, "promise", 2, NOW)
        first, second = waits.due_timers(connection, NOW, 9)
        assert [waits.take_timer(connection, first.id, NOW) for _ in range(2)] == [True, False]
        waits.put_off_timer(connection, second.id, minutes(1))
        assert not waits.take_timer(connection, second.id, NOW)
        assert waits.take_timer(connection, second.id, minutes(1))
        assert waits.due_timers(connection, minutes(9), 9) == []


# Bank questions.


def ask(connection: Connection, phone: str = ANN, now: datetime = NOW) -> int:
    return waits.ask(connection, phone=phone, question="bank.quota", token=3, customer_id="C1", last4="", now=now)


def claim(connection: Connection, now: datetime, lease: float = 1, most: int = 9) -> list[Any]:
    return list(waits.claim_questions(connection, now, now + timedelta(minutes=lease), most))


def test_a_question_is_asked_by_one_until_its_lease_ends(database: Database) -> None:
    with database.begin() as connection:
        made = ask(connection)
        (claimed,) = claim(connection, NOW)
        assert (claimed.id, claimed.attempts, claimed.question, claimed.token) == (made, 1, "bank.quota", 3)
        assert claim(connection, minutes(0.9)) == []
        (again,) = claim(connection, minutes(1))
        assert (again.id, again.attempts) == (made, 2)


def test_a_question_is_settled_once(database: Database) -> None:
    with database.begin() as connection:
        made, other = ask(connection), ask(connection, BEN)
        assert waits.settle_question(connection, made, "answered", "", NOW)
        assert not waits.settle_question(connection, made, "failed", "late", NOW)
        waits.ask_again(connection, made, NOW, "too late for that")
        assert [row.id for row in claim(connection, minutes(9))] == [other]


def test_a_question_is_asked_again_later(database: Database) -> None:
    with database.begin() as connection:
        made = ask(connection)
        claim(connection, NOW)
        waits.ask_again(connection, made, minutes(0.1), "x" * 999)
        assert claim(connection, NOW) == []
        (again,) = claim(connection, minutes(0.1))
        assert (again.id, again.attempts, again.reason) == (made, 2, "x" * 200)


@pytest.mark.postgres
def test_what_another_process_has_claimed_is_skipped(request: pytest.FixtureRequest) -> None:
    from app.store.migrate import upgrade

    database = Database(request.getfixturevalue("postgres").fresh_url(upgrade), threads=4)
    with database.begin() as connection:
        first, second = ask(connection, now=minutes(-1)), ask(connection, BEN)
    with database.begin() as one, database.begin() as other:
        assert [row.id for row in claim(one, NOW, most=1)] == [first]
        assert [row.id for row in claim(other, NOW)] == [second]
    database.close()


# The ledger, the people, and the facts of a turn.


def bind(connection: Connection, phone: str, customer_id: str, name: str, **more: Any) -> None:
    connection.execute(insert(tables.Customer).values(customer_id=customer_id, name=name, title="先生", **more))
    connection.execute(
        insert(tables.PhoneBinding).values(phone=phone, customer_id=customer_id, bound_at=NOW, ended_because="")
    )


def queue(connection: Connection, phone: str, purpose: str, body: str, state: str = "queued") -> int:
    made = outbox.queue(connection, NewMessage(phone, purpose, 0, "t", body, 1, NOW, minutes(60)), NOW)
    connection.execute(update(tables.Message).where(tables.Message.id == made).values(state=state))
    return made


def test_the_ledger_only_grows_and_its_last_row_holds(database: Database) -> None:
    with database.begin() as connection:
        for verdict in ("granted", "refused", "granted", "refused"):
            consents.record(connection, ANN, "commercial", verdict, "reply", "inbound:1", NOW)
        assert consents.verdict(connection, ANN, "commercial") == "refused"
        assert consents.verdict(connection, ANN, "reminders") is None
        assert consents.verdict(connection, BEN, "commercial") is None


def test_a_number_that_disowns_us_loses_every_binding_and_every_queued_text(database: Database) -> None:
    with database.begin() as connection:
        bind(connection, ANN, "C1", "王一")
        bind(connection, ANN, "C2", "王二", card_last4="2222")
        bind(connection, BEN, "C3", "王三")
        mine, other = queue(connection, ANN, "service", "私"), queue(connection, BEN, "service", "公")
        sent = queue(connection, ANN, "answer", "走", state="sending")
        assert [row.customer_id for row in people.bound(connection, ANN)] == ["C1", "C2"]
        assert sorted(people.disown(connection, ANN, "wrong_person", NOW)) == ["C1", "C2"]
        assert people.bound(connection, ANN) == []
        assert len(people.bound(connection, BEN)) == 1
        states = {row.id: row.state for row in connection.execute(select(tables.Message.id, tables.Message.state))}
        assert states == {mine: "withdrawn", other: "queued", sent: "sending"}
        ends = select(tables.Message.expires_at).where(tables.Message.id == sent)
        assert connection.execute(ends).scalar_one() == NOW, "a send that fails would be tried again"
        assert people.disown(connection, ANN, "wrong_person", NOW) == []


def test_a_turn_knows_nothing_of_a_number_that_is_new(database: Database) -> None:
    with database.begin() as connection:
        found = facts.gather(connection, ANN, NOW)
    assert found == facts.Facts(frozenset(), frozenset(), None, "", "", "", False, "", "", "")


def test_a_turn_knows_what_holds_for_its_number_and_no_other(database: Database) -> None:
    with database.begin() as connection:
        for phone, name in ((ANN, "王一"), (BEN, "赵二")):
            bind(connection, phone, f"C{phone}", name, language="en")
        for scope, verdict in (("commercial", "refused"), ("reminders", "refused"), ("reminders", "granted")):
            consents.record(connection, ANN, scope, verdict, "reply", "inbound:1", NOW)
        consents.record(connection, BEN, "gateway", "refused", "gateway", "m", NOW)
        book(connection)
        tickets.claim(connection, ticket(connection), "li", NOW)
        queue(connection, ANN, "commercial", "优惠，拒收请回复R", state="handed")
        queue(connection, ANN, "commercial", "没有发出", state="withheld")
        queue(connection, ANN, "answer", "最后一句")
        queue(connection, BEN, "answer", "别人的")
        found, other = facts.gather(connection, ANN, NOW), facts.gather(connection, BEN, NOW)
    assert found.refused == {"commercial"}
    assert (found.callback, found.ticket, found.name, found.title) == (minutes(60), "claimed", "王一", "先生")
    assert (found.last_said, found.last_offer, found.language) == ("最后一句", "优惠，拒收请回复R", "en")
    assert (other.refused, other.callback, other.ticket) == ({"gateway"}, None, "")
    assert (other.name, other.last_said, other.last_offer) == ("赵二", "别人的", "")


def test_an_offer_binds_us_to_its_letters_for_thirty_days(database: Database) -> None:
    with database.begin() as connection:
        queue(connection, ANN, "commercial", "拒收请回复R", state="handed")
        assert facts.gather(connection, ANN, NOW + timedelta(days=29.9)).last_offer == "拒收请回复R"
        assert facts.gather(connection, ANN, NOW + timedelta(days=30.1)).last_offer == ""


def test_none_of_several_customers_of_a_number_is_named(database: Database) -> None:
    with database.begin() as connection:
        bind(connection, ANN, "C1", "王一", language="en")
        assert facts.gather(connection, ANN, NOW).name == "王一"
        bind(connection, ANN, "C2", "赵二")
        found = facts.gather(connection, ANN, NOW)
    assert (found.name, found.title) == ("", "")
