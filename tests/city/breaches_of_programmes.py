"""Breaches of the laws of texts that begin conversations, made in an honest day (`air.py`)."""

from __future__ import annotations

from dataclasses import replace

from app.city.ledger import Off
from app.city.roster import Customer
from tests.city.air import BENEFIT, BIRTHDAY, CHEN, REMINDER, SUN, Day, clock
from tests.city.breaches import Breach

ZHAO = "+8613800000003"
"""To whom no programme has written yet."""


def care_after_the_refusal(day: Day) -> None:
    day.cared(9, SUN, BENEFIT, 510, programme="good_payer")


def remind_twice(day: Day) -> None:
    """By another occasion of the same programme, in the same words."""
    day.cared(9, ZHAO, REMINDER, 250, programme="repayment_reminder")
    day.cared(10, ZHAO, REMINDER, 260, programme="repayment_reminder")


def congratulate_on_both_phones(day: Day) -> None:
    day.evidence.people = {phone: Customer(7, "two phones", (SUN, ZHAO), "C7", {}) for phone in (SUN, ZHAO)}
    day.cared(9, ZHAO, BIRTHDAY, 250)


def plan_an_occasion_twice(day: Day) -> None:
    day.run("CREATE TABLE copied AS SELECT * FROM occasions")
    day.run("DROP TABLE occasions")
    day.run("INSERT INTO copied SELECT * FROM copied WHERE id = 21")
    day.run("ALTER TABLE copied RENAME TO occasions")


def follow_twice(day: Day) -> None:
    for number in (30, 31):
        day.occasion(number, SUN, 240, first_id=21, state="planned")


def forget_what_was_told(day: Day) -> None:
    """It left, and would leave again: its occasion was put back."""
    day.run("UPDATE occasions SET state = 'planned', message_id = NULL WHERE id = 20")


def tell_nobody(day: Day) -> None:
    day.occasion(30, ZHAO, 250, message_id=30)


def offer_without_an_agreement(day: Day) -> None:
    day.evidence.people = {ZHAO: Customer(7, "plain", (ZHAO,), "C7", {})}
    day.cared(9, ZHAO, BIRTHDAY, 250)


def offer_before_the_agreement(day: Day) -> None:
    offer_without_an_agreement(day)
    day.said(30, ZHAO, "HF", 260)


def write_at_night(day: Day) -> None:
    day.cared(9, ZHAO, BIRTHDAY, 12.5 * 3600, expires_at=clock(13 * 3600))


def write_after_the_window(day: Day) -> None:
    day.cared(9, ZHAO, BIRTHDAY, 3700, expires_at=clock(9000))


def write_where_it_is_night(day: Day) -> None:
    day.evidence.people = {ZHAO: Customer(7, "plain", (ZHAO,), "C7", {}, zone="America/New_York")}
    day.cared(9, ZHAO, BIRTHDAY, 250)


def write_what_a_handset_gets_in_the_evening(day: Day) -> None:
    day.cared(9, ZHAO, BIRTHDAY, 3000)
    day.ledger.tries[-1] = replace(day.ledger.tries[-1], valid=36_000)


def write_what_never_expires(day: Day) -> None:
    day.ledger.tries[-1] = replace(day.ledger.tries[-1], valid=None)


def write_in_other_words(day: Day) -> None:
    """The text is one of a programme by its row alone."""
    day.cared(9, ZHAO, "新的文案", 3700, expires_at=clock(9000))


def write_twice_a_day(day: Day) -> None:
    day.cared(9, CHEN, BENEFIT, 2500, programme="good_payer")


def write_a_third_time(day: Day) -> None:
    for number, before in ((30, 2), (31, 5)):
        day.occasion(number, SUN, -before * 86_400)


def write_a_second_activity(day: Day) -> None:
    """Of which one is enough in a month, since there was one in the month before."""
    for number, before in ((30, 3), (31, 30)):
        day.occasion(number, ZHAO, -before * 86_400, kind="activity")
    day.cared(9, ZHAO, BENEFIT, 250, programme="good_payer")


def send_what_was_switched_off(day: Day) -> None:
    day.cared(9, ZHAO, REMINDER, 310, programme="repayment_reminder")


def try_again_what_was_switched_off(day: Day) -> None:
    one = day.cared(9, ZHAO, REMINDER, 301, programme="repayment_reminder")
    day.ledger.offs[:] = [Off("repayment_reminder", 300, frozenset({9}))]
    day.again(one, at=320, gateway_id="", answer="429")


def forget_an_answer(day: Day) -> None:
    day.run("DELETE FROM responses WHERE inbound_id = 20")


def forget_a_refusal(day: Day) -> None:
    day.run("DELETE FROM responses WHERE inbound_id = 21")


def take_a_refusal_for_an_answer(day: Day) -> None:
    day.run("UPDATE responses SET meaning = 'other' WHERE inbound_id = 21")


def take_it_for_an_answer_to_another(day: Day) -> None:
    """To a text of an earlier month."""
    day.occasion(30, CHEN, -40 * 86_400, message_id=3)
    day.run("UPDATE responses SET occasion_id = 30 WHERE inbound_id = 20")


def keep_an_answer_to_somebody_elses(day: Day) -> None:
    day.run("UPDATE responses SET occasion_id = 21 WHERE inbound_id = 20")


BREACHES: list[tuple[str, Breach]] = [
    ("commercial texts after a refusal", care_after_the_refusal),
    ("occasions told twice", remind_twice),
    ("occasions told twice", congratulate_on_both_phones),
    ("occasions told twice", plan_an_occasion_twice),
    ("occasions told twice", follow_twice),
    ("occasions told twice", forget_what_was_told),
    ("occasions told twice", tell_nobody),
    ("offers that nobody agreed to", offer_without_an_agreement),
    ("offers that nobody agreed to", offer_before_the_agreement),
    ("texts of programmes out of hours", write_at_night),
    ("texts of programmes out of hours", write_after_the_window),
    ("texts of programmes out of hours", write_where_it_is_night),
    ("texts of programmes out of hours", write_what_a_handset_gets_in_the_evening),
    ("texts of programmes out of hours", write_what_never_expires),
    ("texts of programmes out of hours", write_in_other_words),
    ("texts of programmes over a cap", write_twice_a_day),
    ("texts of programmes over a cap", write_a_third_time),
    ("texts of programmes over a cap", write_a_second_activity),
    ("texts of programmes switched off", send_what_was_switched_off),
    ("texts of programmes switched off", try_again_what_was_switched_off),
    ("answers to programmes not kept", forget_an_answer),
    ("answers to programmes not kept", forget_a_refusal),
    ("answers to programmes not kept", take_a_refusal_for_an_answer),
    ("answers to programmes not kept", take_it_for_an_answer_to_another),
    ("answers to programmes not kept", keep_an_answer_to_somebody_elses),
]
