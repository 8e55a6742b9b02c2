"""The checker of the city is worth something only if it sees every breach: each law is broken here on purpose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from app.city import campaigns, checker, evidence, laws_of_programmes, laws_of_sends, laws_of_texts, ledger, looks
from app.city.checker import LAWS
from app.city.ledger import Act, Off, Told
from app.city.roster import Customer
from tests.city import breaches, breaches_of_programmes
from tests.city.air import BIRTHDAY, CHEN, LI, REMINDER, SUN, WANG, Day, clock, honest
from tests.city.breaches import Breach, mistake_one_for_another
from tests.city.breaches_of_programmes import ZHAO, forget_a_refusal, forget_an_answer

BREACHES = [*breaches.BREACHES, *breaches_of_programmes.BREACHES]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    made = honest(tmp_path)
    yield made
    made.close()


def test_an_honest_day_breaks_no_law(day: Day) -> None:
    assert day.checker.verdict() == {law: [] for law in LAWS}


@pytest.mark.parametrize(("law", "breach"), BREACHES, ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_breach_is_seen(day: Day, law: str, breach: Breach) -> None:
    breach(day)
    assert law in day.broken()


def test_every_law_is_broken_here() -> None:
    assert {law for law, _ in BREACHES} == set(LAWS)


def test_what_is_allowed_is_not_taken_for_a_breach(day: Day) -> None:
    """A busy gateway may be asked again, what was under way may arrive, and a number may be told a status late."""
    offer = day.answered(9, LI, "优惠", 40.7, purpose="commercial", lane=2)
    day.ledger.texts["SM-in-3"].in_flight = frozenset({offer.message})
    day.again(day.ledger.tries[0], at=11, gateway_id="", answer="429")
    day.ledger.told.append(Told(2, "SM-out-2", "sent", 24))
    assert day.broken() == set()


def test_a_clock_that_was_wrong_excuses_so_much_and_no_more(day: Day) -> None:
    """A proof lasts ten minutes by the clock of whoever looks: with one that is two minutes behind, twelve."""
    day.answered(9, WANG, "可用额度50,000.11元", 700, expires_at=clock(900))
    day.evidence.skew = timedelta(minutes=2)
    assert day.broken() == set()
    day.evidence.skew = timedelta(minutes=1)
    assert day.broken() == {"figures told without proof"}


def test_what_nobody_knows_may_have_happened_or_not(day: Day) -> None:
    """Acts of agents that ended with the database: both bo, who had it, and an, who may have taken it, may go on."""
    day.ledger.acts.append(Act(1, "bo", "release", 84, None))
    day.ledger.acts.append(Act(1, "an", "claim", 85, True))
    day.ledger.acts.append(Act(1, "an", "reply", 86, True))
    assert day.broken() == set()


def test_what_a_pause_held_back_may_come_late_but_only_just_after_it(day: Day) -> None:
    for number in (5, 6):
        day.said(number, LI, "菜单", 90)
    for number, at in ((6, 100), (5, 101)):
        day.answered(number + 10, LI, "您好", at, inbound_id=number)
    day.ledger.went_on.append(100.5)
    assert day.broken() == set()
    day.ledger.went_on[:] = [90.0]
    assert day.broken() == {"texts or answers out of order"}


def test_a_window_that_has_just_ended_excuses_a_clock_that_was_wrong_and_a_pause(day: Day) -> None:
    day.cared(9, ZHAO, BIRTHDAY, 3660, expires_at=clock(3600))
    day.ledger.tries[-1] = replace(day.ledger.tries[-1], valid=1)
    law = {"texts of programmes out of hours", "texts that left too late"}
    assert day.broken() == law
    day.evidence.skew = timedelta(seconds=90)
    assert day.broken() == set()
    day.evidence.skew = timedelta(seconds=30)
    assert day.broken() == law
    day.ledger.went_on.append(3659)
    assert day.broken() == set()


def test_who_agrees_by_text_may_have_an_offer_and_a_reminder_needs_no_agreement(day: Day) -> None:
    day.evidence.people = {ZHAO: Customer(7, "plain", (ZHAO,), "C7", {}), CHEN: Customer(8, "plain", (CHEN,), "C8", {})}
    day.said(30, ZHAO, "HF", 240)
    day.cared(9, ZHAO, BIRTHDAY, 250)
    assert day.broken() == set()


def test_what_was_under_way_may_arrive_once_when_a_programme_is_switched_off(day: Day) -> None:
    day.cared(9, ZHAO, REMINDER, 301, programme="repayment_reminder")
    day.ledger.offs[:] = [Off("repayment_reminder", 300, frozenset({9}))]
    assert day.broken() == set()


def test_an_answer_in_the_middle_of_another_talk_may_be_for_that_but_a_refusal_is_kept(day: Day) -> None:
    day.said(30, CHEN, "怎么还款", 205)
    day.said(31, SUN, "怎么还款", 490)
    forget_an_answer(day)
    assert "answers to programmes not kept" not in day.broken()
    forget_a_refusal(day)
    assert "answers to programmes not kept" in day.broken()


def test_an_answer_to_what_the_service_did_not_know_to_have_left_is_none(day: Day) -> None:
    """The gateway took it and did not say so; when a look-up had found it, the answer had been stored already."""
    forget_an_answer(day)
    day.run("UPDATE messages SET handed_at = '2026-06-10 02:05:00' WHERE id = 20")
    assert day.broken() == set()


def test_two_texts_of_programmes_on_two_days_are_no_breach(day: Day) -> None:
    day.occasion(30, SUN, -2 * 86_400)
    day.occasion(31, SUN, -30 * 86_400, kind="activity")
    assert day.broken() == set()


def test_twins_that_nobody_can_tell_apart_are_no_breach(day: Day) -> None:
    mistake_one_for_another(day)
    day.ledger.told[-2:] = []
    assert day.broken() == set()


MODULES = (campaigns, checker, evidence, laws_of_programmes, laws_of_sends, laws_of_texts, looks, ledger)


@pytest.mark.parametrize("module", MODULES)
def test_the_checker_shares_no_code_with_the_service(module: ModuleType) -> None:
    source = Path(str(vars(module)["__file__"])).read_text(encoding="utf-8")
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    ours = {name for name in imported if name.startswith("app")}
    assert ours <= {name for module in MODULES for name in (module.__name__, *_names_in(module))}
    assert "importlib" not in source


def _names_in(module: ModuleType) -> list[str]:
    return [f"{module.__name__}.{name}" for name in vars(module)]


def test_the_checker_can_write_nothing(day: Day) -> None:
    with pytest.raises(Exception, match="readonly"):
        day.looks.rows("DELETE FROM inbound RETURNING id")
